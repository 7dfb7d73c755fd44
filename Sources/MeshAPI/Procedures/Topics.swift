package import Logging
package import MeshGossip
import MeshLog
package import MeshModel
package import MeshNode
package import MeshWAMP

/// Where events for subscribers go: the API server, or in a test a list.
package protocol TopicSink: Sendable {
    func publish(topic: String, arguments: [JSON], keywords: JSONObject)
    /// Whether anybody could be listening: nothing is rendered for nobody.
    var hasListeners: Bool { get }
    /// Events of the peer were lost before they came here; who listens must learn of it.
    func publishLoss()
}

extension TopicSink {
    func publish(_ topic: String, _ fields: JSONObject) {
        publish(topic: topic, arguments: [], keywords: fields)
    }
}

/// The peer's own topics.
enum Topic {
    static let rooms = "starling.rooms"
    static let peers = "starling.peers"
    static let events = "meshctl.events"

    static func room(_ room: RoomID) -> String { "starling.room.\(room.name)" }
}

/// Turns rows that became durable, and the engine's reports, into events.
package struct TopicPublisher: Sendable {
    private let own: PeerID
    /// Taken at once, so that nothing is missed between the making and the running.
    private let rows: Listener<Row>
    private let reports: Listener<Report>
    private let node: Node<Engine>
    private let views: any LogViews
    private let links: any LinkInspection
    private let time: any TimePort
    private let sink: any TopicSink
    private let logger: Logger

    package init(
        own: PeerID, node: Node<Engine>, views: any LogViews, links: any LinkInspection,
        time: any TimePort,
        sink: any TopicSink, logger: Logger
    ) {
        self.own = own
        rows = node.rows.listen()
        reports = node.reports.listen()
        self.node = node
        self.views = views
        self.links = links
        self.time = time
        self.sink = sink
        self.logger = logger
    }

    /// Runs until the node ends or the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await publishRows() }
            group.addTask { await publishReports() }
        }
    }

    /// Rows rendered at a time.
    private static let batch = 256

    /// Whoever could not keep up is told: a log with holes must not pass for a whole one.
    private func publishRows() async {
        // Without them every room would be announced once more, which does no harm.
        var rooms = Set(((try? await views.rooms()) ?? []).map(\.room))
        var listener = rows
        while !Task.isCancelled {
            do {
                while let stored = try await listener.next() {
                    for row in stored where rooms.insert(row.log.room).inserted {
                        found(row.log.room)
                    }
                    guard sink.hasListeners else { continue }
                    await publish(stored)
                }
                return
            } catch {
                logger.warning("lines came faster than they could be shown")
                listener = node.rows.listen()
                sink.publishLoss()
            }
        }
    }

    private func found(_ room: RoomID) {
        guard room.kind == .open else { return }
        sink.publish(Topic.rooms, ["event": "found", "room": .string(room.description)])
    }

    private func publish(_ rows: [Row]) async {
        for row in rows where row.log.room == .profile { publish(profile: row) }
        let shown = rows.filter { $0.log.room.kind == .open }
        var start = 0
        while start < shown.count {
            let part = Array(shown[start..<min(start + Self.batch, shown.count)])
            start += part.count
            do {
                for line in try await views.lines(for: part, clocks: .small) {
                    publish(line)
                }
            } catch {
                logger.error("new lines could not be read back: \(error)")
                sink.publishLoss()
            }
        }
    }

    private func publish(_ line: RoomLine) {
        let room =
            switch line {
            case .entry(let entry): entry.row.log.room
            case .gap(let gap): gap.room
            }
        sink.publish(Topic.room(room), LineJSON.object(line))
    }

    /// A nickname changes what a peer is called; own joins and leaves change what is shown.
    private func publish(profile row: Row) {
        guard let body = row.entry.body, let text = String(validating: body, as: UTF8.self)
        else { return }
        switch row.entry.header.kind {
        case .nick:
            guard (try? Nickname.check(text)) != nil else { return }
            sink.publish(
                Topic.peers,
                ["event": "nick", "peer": .string(row.log.author.hex), "nick": .string(text)])
        case .join, .leave:
            guard row.log.author == own, let room = try? RoomID.open(text) else { return }
            let isJoined = row.entry.header.kind == .join
            sink.publish(
                Topic.rooms,
                [
                    "event": isJoined ? "join" : "leave", "room": .string(room.description),
                    "joined": .bool(isJoined),
                ])
        default: return
        }
    }

    private func publishReports() async {
        var listener = reports
        while !Task.isCancelled {
            do {
                while let reports = try await listener.next() {
                    for report in reports { publish(report) }
                }
                return
            } catch {
                listener = node.reports.listen()
                sink.publishLoss()
            }
        }
    }

    private func publish(_ report: Report) {
        var fields: JSONObject = ["at": Show.time(time.now().wall)]
        switch report {
        case .neighbourFound(_, let peer, let link):
            fields["event"] = "neighbour_found"
            name(peer, link, &fields)
        case .neighbourLost(_, let peer, let link):
            fields["event"] = "neighbour_lost"
            name(peer, link, &fields)
        case .forkFound(let log): name("fork_found", log, &fields)
        case .logClosed(let log): name("log_closed", log, &fields)
        case .epochOpened(let epoch):
            fields["event"] = "epoch_opened"
            fields["epoch"] = .string(Show.epoch(epoch))
        }
        sink.publish(Topic.events, fields)
        if fields["peer"] != nil { sink.publish(Topic.peers, fields) }
    }

    private func name(_ peer: PeerID, _ link: LinkID, _ fields: inout JSONObject) {
        fields["peer"] = .string(peer.hex)
        fields["fingerprint"] = .string(peer.fingerprint.text)
        fields["interface"] = JSON(links.views.first { $0.id == link }?.interface)
    }

    private func name(_ event: String, _ log: LogID, _ fields: inout JSONObject) {
        fields["event"] = .string(event)
        fields["room"] = .string(log.room.description)
        fields["author"] = .string(log.author.hex)
        fields["epoch"] = .string(Show.epoch(log.epoch))
    }
}
