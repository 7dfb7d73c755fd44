// MeshClient
