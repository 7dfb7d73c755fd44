import MeshModel

/// A room as people type it.
enum RoomArgument {
    /// - Throws: `bad_room` with the rule, exit 64.
    static func parse(_ text: String) throws(CommandFailure) -> RoomID {
        do {
            return try RoomID.typed(text)
        } catch {
            throw CommandFailure(
                "bad_room", "\"\(text)\" is no room name: \(error)",
                try: "a name has letters a-z, digits, and . _ - after the first; at most "
                    + "\(ModelLimits.roomName) bytes, such as ops or #ops",
                exit: .usage)
        }
    }
}
