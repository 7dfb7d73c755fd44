import ArgumentParser

// Commands of `starling` to come. Each moves to the folder of its noun once it is built.

/// `starling chat [ROOM]`.
struct Chat: PlannedCommand {
    static let name = "starling chat"
    static let configuration: CommandConfiguration = describe(
        "starling chat [ROOM]", "The interactive chat.")
    static let instead = "starling log ROOM --follow in one window, starling send ROOM in another"
    static let example = "starling chat ops"
    @OptionGroup var planned: PlannedOptions
}

/// `starling dm PEER [TEXT]`.
struct DirectMessage: PlannedCommand {
    static let name = "starling dm"
    static let configuration: CommandConfiguration = describe(
        "starling dm PEER [TEXT]", "A private message.")
    static let instead = "starling send ROOM TEXT, which everybody in the mesh can read"
    static let example = "starling dm drone-2 \"come home\""
    @OptionGroup var planned: PlannedOptions
}

/// `starling forget ROOM [--before T]`.
struct Forget: PlannedCommand {
    static let name = "starling forget"
    static let configuration: CommandConfiguration = describe(
        "starling forget ROOM [--before T]", "Drop the bodies of old entries here, after asking.")
    static let instead = "nothing is dropped yet; starling leave ROOM ends its notices"
    static let example = "starling forget ops --before 30d"
    @OptionGroup var planned: PlannedOptions
}

/// `starling verify PEER`.
struct Verify: PlannedCommand {
    static let name = "starling verify"
    static let configuration: CommandConfiguration = describe(
        "starling verify PEER", "Mark a peer as the person you know.")
    static let instead = "compare fingerprints aloud: starling id, starling peers"
    static let example = "starling verify k7qf-9mzt"
    @OptionGroup var planned: PlannedOptions
}

/// `starling block PEER`.
struct Block: PlannedCommand {
    static let name = "starling block"
    static let configuration: CommandConfiguration = describe(
        "starling block PEER", "Show nothing more of a peer.")
    static let instead = "starling leave ROOM hides a room"
    static let example = "starling block k7qf-9mzt"
    @OptionGroup var planned: PlannedOptions
}

/// `starling unblock PEER`.
struct Unblock: PlannedCommand {
    static let name = "starling unblock"
    static let configuration: CommandConfiguration = describe(
        "starling unblock PEER", "Show a blocked peer again.")
    static let instead = "nobody is blocked yet"
    static let example = "starling unblock k7qf-9mzt"
    @OptionGroup var planned: PlannedOptions
}

/// `starling room create ROOM`.
struct RoomCreate: PlannedCommand {
    static let name = "starling room create"
    static let configuration: CommandConfiguration = describe(
        "starling room create ROOM", "Make a private room.")
    static let instead = "a mesh with a passphrase keeps others out"
    static let example = "starling room create staff"
    @OptionGroup var planned: PlannedOptions
}

/// `starling room invite ROOM PEER`.
struct RoomInvite: PlannedCommand {
    static let name = "starling room invite"
    static let configuration: CommandConfiguration = describe(
        "starling room invite ROOM PEER", "Let somebody into a private room.")
    static let instead = "a mesh with a passphrase keeps others out"
    static let example = "starling room invite staff drone-2"
    @OptionGroup var planned: PlannedOptions
}

/// `starling room remove ROOM PEER`.
struct RoomRemove: PlannedCommand {
    static let name = "starling room remove"
    static let configuration: CommandConfiguration = describe(
        "starling room remove ROOM PEER", "Remove somebody from a private room.")
    static let instead = "a mesh with a passphrase keeps others out"
    static let example = "starling room remove staff drone-2"
    @OptionGroup var planned: PlannedOptions
}

/// `starling room members ROOM`.
struct RoomMembers: PlannedCommand {
    static let name = "starling room members"
    static let configuration: CommandConfiguration = describe(
        "starling room members ROOM", "List who is in a private room.")
    static let instead = "starling peers lists everybody"
    static let example = "starling room members staff"
    @OptionGroup var planned: PlannedOptions
}

/// `starling web`.
struct Web: PlannedCommand {
    static let name = "starling web"
    static let configuration: CommandConfiguration = describe(
        "starling web", "Open the page of this peer.")
    static let instead = "starling log ROOM --follow"
    static let example = "starling web"
    @OptionGroup var planned: PlannedOptions
}

/// `starling wipe`.
struct Wipe: PlannedCommand {
    static let name = "starling wipe"
    static let configuration: CommandConfiguration = describe(
        "starling wipe", "Leave nothing readable of this peer's store, after asking.")
    static let instead = "stop starlingd and delete the directory of --home"
    static let example = "starling wipe"
    @OptionGroup var planned: PlannedOptions
}

/// `starling export ROOM`.
struct Export: PlannedCommand {
    static let name = "starling export"
    static let configuration: CommandConfiguration = describe(
        "starling export ROOM", "A signed, self-contained copy of a log.")
    static let instead = "starling log ROOM --json > FILE, without signatures"
    static let example = "starling export ops > ops.starling"
    @OptionGroup var planned: PlannedOptions
}

/// `starling check FILE`.
struct Check: PlannedCommand {
    static let name = "starling check"
    static let configuration: CommandConfiguration = describe(
        "starling check FILE", "Verify an exported log offline.")
    static let instead = "starlingd verifies every entry that it takes in"
    static let example = "starling check ops.starling"
    @OptionGroup var planned: PlannedOptions
}

/// `starling id backup FILE`.
struct IDBackup: PlannedCommand {
    static let name = "starling id backup"
    static let configuration: CommandConfiguration = describe(
        "starling id backup FILE", "Write this peer's key to a file.")
    static let instead =
        "stop starlingd and copy its whole home; what was said last may be in starling.db-wal only"
    static let example = "starling id backup key.backup"
    @OptionGroup var planned: PlannedOptions
}

/// `starling id restore FILE`.
struct IDRestore: PlannedCommand {
    static let name = "starling id restore"
    static let configuration: CommandConfiguration = describe(
        "starling id restore FILE", "Take a key back from a file; always starts a new epoch.")
    static let instead = "stop starlingd and put starling.key and starling.db back into --home"
    static let example = "starling id restore key.backup"
    @OptionGroup var planned: PlannedOptions
}

/// `starling room`: private rooms.
struct PrivateRoom: Exemplified {
    static let configuration = CommandConfiguration(
        commandName: "room", abstract: "Private rooms.",
        discussion: "Not built yet: each command says so and exits 1.",
        subcommands: [RoomCreate.self, RoomInvite.self, RoomRemove.self, RoomMembers.self])
    static let example = "starling room create staff"
}
