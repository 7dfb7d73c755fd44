// MeshCommands
