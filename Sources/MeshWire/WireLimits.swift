import MeshModel

/// Bounds on frames and messages (docs/spec/wire.md).
package enum WireLimits {
    /// UDP payload: 1280 (the least IPv6 MTU) less 40 (IPv6) less 8 (UDP).
    package static let datagram = 1232
    /// Version 1, salt 8, counter 4, tag 16.
    package static let frameOverhead = 29
    /// Plain text of one frame: 1203 bytes.
    package static let plain = datagram - frameOverhead
    /// Logs of a digest that travel whole: 110 × (4 + 2 + 4) = 1100 bytes. Heads beyond 2^14 take
    /// more, so that fewer fit: `digestItems` binds as well.
    package static let wholeDigest = 110
    /// Items of one digest bucket: 85 × (1 to 3 + 4 + 2 + 4) bytes; `digestItems` binds as well.
    package static let bucket = 85
    /// Bytes of items in one digest: a frame less kind, length, form, path and count.
    package static let digestItems = plain - 1 - 1 - 1 - (1 + treeDepth) - 1
    /// Levels of the digest tree: 12 × 5 bits of the 64 of a log reference.
    package static let treeDepth = 12
    /// Neighbours listed in one hello: 9 bytes each, 576 bytes; the list rotates when there are
    /// more.
    package static let neighbourItems = 64
    /// Ranges, openings or nodes asked for in one request.
    package static let requestItems = 64
    /// Openings in one frame: about 50 bytes each.
    package static let openings = 16
    /// Entries in one run message.
    package static let runEntries = 64
    /// Bytes of an entry's cites: 64 × (8 + 4 + 4), which binds only where the seqs cited lie
    /// beyond 2^28. A signed entry in a run, its body left to pieces, then takes at most 1182 of a
    /// frame's 1203 bytes: what can be received can be handed on.
    package static let citeBytes = 1024
    /// Hops a live entry can count; the count saturates.
    package static let hops: UInt8 = .max
    /// Origins in one prune or graft.
    package static let origins = 64
    /// Logs that a digest can index.
    package static let logs = 1 << 20
}
