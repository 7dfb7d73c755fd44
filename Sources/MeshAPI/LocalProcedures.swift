package import MeshWAMP

/// The procedures of the peer itself: every one whose name starts with `starling.` or `meshctl.`.
package protocol LocalProcedures: Sendable {
    /// Runs one procedure. Many run at the same time; the task is cancelled when the caller cancels
    /// or leaves, and its result then goes nowhere.
    ///
    /// - Returns: `CallError.noSuchProcedure` for a name it does not know.
    func call(
        _ procedure: String, arguments: [JSON], keywords: JSONObject
    ) async -> Result<CallResult, CallError>
}

/// Whose names are whose.
package enum Namespace {
    /// First components whose procedures are the peer's own.
    package static let local: Set<Substring> = ["starling", "meshctl"]
    /// First components under which no client may register or publish: the peer's own, the
    /// standard's, and `mesh`, which is kept for what will cross the mesh.
    package static let reserved: Set<Substring> = ["starling", "meshctl", "wamp", "mesh"]

    package static func isLocal(_ uri: String) -> Bool { local.contains(WAMPURI.head(of: uri)) }

    /// The refusal where a client may not use `uri` as its own, else nil.
    package static func refusal(of uri: String) -> CallError? {
        let head = WAMPURI.head(of: uri)
        guard reserved.contains(head) else { return nil }
        let reason =
            head == "mesh"
            ? "names under mesh. are for what crosses the mesh, which this peer does not do yet"
            : "names under \(head). belong to the peer"
        return CallError(
            uri: WAMPURI.notAuthorized, message: reason,
            try: "use a name of your own, such as com.example.\(uri)")
    }
}
