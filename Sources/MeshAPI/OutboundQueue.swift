import NIOCore

/// What waits to be written to one client, in order, and how much it is.
struct OutboundQueue {
    private var frames = CircularBuffer<ByteBuffer>()
    private(set) var octets = 0
    /// `APILimits.outbound`.
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { frames.isEmpty }

    /// False, and nothing is kept, where the frame would exceed the limit.
    mutating func append(_ frame: ByteBuffer) -> Bool {
        guard octets + frame.readableBytes <= limit else { return false }
        octets += frame.readableBytes
        frames.append(frame)
        return true
    }

    mutating func popFirst() -> ByteBuffer? {
        let frame = frames.popFirst()
        octets -= frame?.readableBytes ?? 0
        return frame
    }

    mutating func removeAll() {
        frames.removeAll()
        octets = 0
    }
}
