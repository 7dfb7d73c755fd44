// MeshGossip
