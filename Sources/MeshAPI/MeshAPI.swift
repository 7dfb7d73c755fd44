// MeshAPI
