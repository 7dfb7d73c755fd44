@testable import MeshGossip
import MeshModel
import MeshWire

/// Every collection inside an engine by its path, and the most that it may hold. The engine is read
/// by reflection, so a collection that nobody gave a bound fails as one beyond its bound does.
enum Bounds {
    private static let fixed = 64

    private static let most: [String: Int] = [
        "session.marks": 1 + Int(GossipLimits.echoAge.wholeMilliseconds / 1000),
        "session.digest.items": GossipLimits.segments,
        "session.digest.rootHashes.tags": 32,
        "turns.logs": GossipLimits.neighbours * (GossipLimits.askRanges + WireLimits.openings),
        "doors.doors": GossipLimits.strangers + 2 * GossipLimits.neighbours,
        "doors.doors.window.ring": Int(ReplayWindow.width / 64),
        "neighbours.slots": GossipLimits.neighbours,
        "neighbours.ids": GossipLimits.neighbours,
        "neighbours.slots.hears": WireLimits.neighbourItems,
        "neighbours.slots.lazy": GossipLimits.lazyOrigins,
        "neighbours.slots.pruned": GossipLimits.lazyOrigins,
        "neighbours.slots.ledger.items": GossipLimits.segments,
        "neighbours.slots.ledger.keys": GossipLimits.segments,
        "neighbours.slots.ledger.places": WireLimits.wholeDigest,
        "neighbours.slots.ledger.unwanted": GossipLimits.unwanted,
        "neighbours.slots.ledger.unknown": WireLimits.wholeDigest,
        "neighbours.slots.ledger.opened": WireLimits.wholeDigest,
        "neighbours.slots.ledger.unopened": GossipLimits.unopened,
        "neighbours.slots.ledger.searches": GossipLimits.segments,
        "neighbours.slots.ledger.nodes": WireLimits.requestItems,
        "neighbours.slots.ledger.rootHashes.tags": 32,
        "neighbours.slots.ledger.looking": GossipLimits.askNodes,
        "neighbours.slots.ledger.barren": GossipLimits.barren,
        "neighbours.slots.fetch.chunks": GossipLimits.askRanges,
        "neighbours.slots.fetch.chunks.waiting": 2 * Int(ModelLimits.checkpoint),
        "neighbours.slots.fetch.chunks.proved": 2 * Int(ModelLimits.checkpoint),
        "neighbours.slots.fetch.chunks.forgotten": 2 * Int(ModelLimits.checkpoint),
        "neighbours.slots.fetch.chunks.pieces": 2 * Int(ModelLimits.checkpoint),
        "neighbours.slots.fetch.chunks.pieces.value": ModelLimits.body,
        "looks.dues": GossipLimits.neighbours,
        "links": fixed,
        "links.agreed": GossipLimits.neighbours,
        "logs.logs": GossipLimits.segments,
        "logs.changedBelow": 32,
        "logs.byRef": GossipLimits.segments,
        "logs.ascending": GossipLimits.segments,
        "logs.branches": GossipLimits.segments,
        // Loose entries that connect branch whatever the number of branches.
        "logs.branches.value": 2 * (ModelLimits.branches + 256),
        "logs.byRoom": GossipLimits.segments,
        "logs.byRoom.value": GossipLimits.segments,
        "logs.openings": GossipLimits.openings,
        "logs.openingOrder": GossipLimits.openings,
        "logs.aliases": GossipLimits.aliases,
        "relays.recent": GossipLimits.recentEntries,
        "relays.recentOrder": GossipLimits.recentEntries,
        "relays.waiting": GossipLimits.relays,
        "relays.waiting.heardFrom": GossipLimits.neighbours,
        "relays.announced": GossipLimits.unopened,
        "relays.announcedOrder": GossipLimits.unopened,
        "relays.announced.heardFrom": GossipLimits.neighbours,
        "writer.lastTimes": GossipLimits.segments,
        "writer.held": GossipLimits.drafts,
        "writer.written": GossipLimits.drafts,
        "writer.tails": GossipLimits.segments,
        "quota.authorBytes": GossipLimits.segments,
        "quota.joined": fixed,
        "allowance.authors": GossipLimits.authorBudgets,
        "appends": GossipLimits.appends + GossipLimits.drafts,
        "reads": GossipLimits.reads,
        "unopened": GossipLimits.unopened,
        "sightings.strangers": GossipLimits.sightings,
        "sightings.departed": GossipLimits.sightings,
        "counters.sent": fixed, "counters.received": fixed, "counters.rejected": fixed,
        "counters.flood": fixed, "counters.repair": fixed,
    ]

    static func check(_ engine: Engine) { walk(engine, "") }

    private static func walk(_ value: Any, _ path: String) {
        // Bodies, paths and addresses are bounded where they are decoded.
        if value is [UInt8] { return }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .collection, .set, .dictionary:
            let bound = most[path]
            expect(bound != nil, "\(path) has no bound")
            let count = mirror.children.count
            expect(count <= bound ?? 0, "\(path) holds \(count)")
            for child in mirror.children { walk(element: child.value, path) }
        case .optional: for child in mirror.children { walk(child.value, path) }
        case .struct where isOurs(value):
            for child in mirror.children { walk(child.value, join(path, child.label ?? "")) }
        default: return
        }
    }

    /// Of a dictionary the values; a collection in a collection is `value`.
    private static func walk(element: Any, _ path: String) {
        let mirror = Mirror(reflecting: element)
        guard mirror.displayStyle == .tuple, let last = mirror.children.map(\.value).last else {
            return walk(element, path)
        }
        switch Mirror(reflecting: last).displayStyle {
        case .collection, .set, .dictionary: walk(last, join(path, "value"))
        default: walk(last, path)
        }
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// Structs of the engine; those of other modules are single values.
    private static func isOurs(_ value: Any) -> Bool {
        String(reflecting: type(of: value)).hasPrefix("MeshGossip.")
    }
}
