// MeshSimulation
