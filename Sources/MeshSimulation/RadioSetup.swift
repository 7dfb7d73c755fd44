/// How frames get lost between two nodes in reach.
package enum LossModel: Hashable, Sendable {
    case none
    /// Every frame with the same probability.
    case independent(Double)
    /// Gilbert and Elliott's two states for each directed link: in the bad one nothing arrives.
    /// `mean` is the share lost in the long run, `burst` the mean length of a bad stretch in
    /// frames.
    case bursty(mean: Double, burst: Double)
    /// Each directed link has a probability of its own between 0 and twice the mean, fixed for the
    /// run.
    case asymmetric(mean: Double)

    /// The share lost in the long run.
    package var mean: Double {
        switch self {
        case .none: 0
        case .independent(let p), .asymmetric(let p): p
        case .bursty(let mean, _): mean
        }
    }

    /// The same kind with another mean.
    package func with(mean: Double) -> LossModel {
        switch self {
        case .none, .independent: .independent(mean)
        case .bursty(_, let burst): .bursty(mean: mean, burst: burst)
        case .asymmetric: .asymmetric(mean: mean)
        }
    }
}

/// The medium and what it does to frames.
package struct RadioSetup: Hashable, Sendable {
    /// Bits per second of multicast.
    package var basicRate = 6_000_000
    /// Bits per second of unicast.
    package var unicastRate = 24_000_000
    package var loss = LossModel.none
    /// Share of received frames that are handed up twice.
    package var duplication = 0.0
    /// Share of received frames that are held back for up to 20 ms, so that later ones overtake.
    package var reordering = 0.0
    /// Every frame is handed up after a delay of up to this many microseconds.
    package var jitter = 300
    /// Frames that wait at one node; the next is dropped. A driver's queue is of this order.
    package var queue = 64

    package init() {}
}

/// Time on the air, by the arithmetic of 802.11g.
package enum Airtime {
    /// Preamble and signal field of an OFDM frame.
    package static let preamble: Int64 = 20_000
    /// MAC 28, LLC 8, IPv6 40, UDP 8 bytes around each datagram.
    package static let headers = 84
    package static let slot: Int64 = 9_000
    package static let interFrame: Int64 = 34_000
    /// The short pause and the acknowledgement at 6 Mb/s.
    package static let acknowledgement: Int64 = 16_000 + 44_000
    /// Retransmissions of a unicast.
    package static let retries = 7
    /// Slots of the first contention window; doubled with each retry up to `largestWindow`.
    package static let window = 15
    package static let largestWindow = 1023

    /// Nanoseconds of one multicast of so many bytes of UDP payload.
    package static func multicast(bytes: Int, rate: Int) -> Int64 {
        preamble + Int64((bytes + headers) * 8) * 1_000_000_000 / Int64(rate)
    }

    /// Nanoseconds of one attempt at a unicast, acknowledgement included.
    package static func unicast(bytes: Int, rate: Int) -> Int64 {
        multicast(bytes: bytes, rate: rate) + acknowledgement
    }
}
