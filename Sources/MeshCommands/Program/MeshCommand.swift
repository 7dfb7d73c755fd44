import ArgumentParser

/// A command or a group of commands whose help ends with an example.
protocol Exemplified: ParsableCommand {
    /// Command lines that work as they stand, one on each line.
    static var example: String { get }
}

/// A command of `starling` or `meshctl`.
protocol MeshCommand: Exemplified {
    var options: ConnectionOptions { get }

    /// Fetches from the peer, then renders through the desk's renderer.
    ///
    /// - Throws: `CommandFailure`; `OutputClosed` where the reader of the output went away.
    func run(at desk: Desk) async throws
}
