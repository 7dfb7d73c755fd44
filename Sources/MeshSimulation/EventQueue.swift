import HeapModule
package import MeshModel

/// What is still to happen, earliest first; of the same instant, first come first served. So a run
/// depends on nothing but its seed.
package struct EventQueue<Payload> {
    /// Plain old data, so that the heap moves words and no references.
    private struct Place: Comparable {
        let at: Int64
        let order: UInt64
        let slot: Int

        static func < (a: Place, b: Place) -> Bool { (a.at, a.order) < (b.at, b.order) }
    }

    private var heap = Heap<Place>()
    private var slots: [Payload?] = []
    private var free: [Int] = []
    /// Given out so far; the tie-break.
    private var order: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }
    package var nextInstant: Instant? { heap.min.map { Instant(nanoseconds: $0.at) } }

    package mutating func add(_ payload: Payload, at instant: Instant) {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = payload
        } else {
            slot = slots.count
            slots.append(payload)
        }
        heap.insert(Place(at: instant.nanoseconds, order: order, slot: slot))
        order += 1
    }

    package mutating func next() -> (at: Instant, payload: Payload)? {
        guard let place = heap.popMin(), let payload = slots[place.slot] else { return nil }
        slots[place.slot] = nil
        free.append(place.slot)
        return (Instant(nanoseconds: place.at), payload)
    }
}
