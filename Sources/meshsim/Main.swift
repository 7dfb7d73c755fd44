import ArgumentParser
import MeshSimulation

@main struct MeshSim: ParsableCommand {}
