package import MeshModel

/// What a row counts for against the store's limit and its author's share.
package enum StoredBytes {
    /// The fixed columns of a row, its places in three indexes and its share of half-full pages.
    package static let row: UInt64 = 220
    /// A cite as kept: log, a seq of up to 5 bytes, tag.
    package static let cite: UInt64 = 14
    package static let signature: UInt64 = 64
    /// What notes that a row waits for a cited entry, in a table and an index.
    package static let wait: UInt64 = 70
    /// The place of a kept clock, beside its components.
    package static let clock: UInt64 = 24

    package static func of(_ entry: Entry) -> UInt64 {
        row + cite * UInt64(entry.header.cites.count) + UInt64(entry.body?.count ?? 0)
            + (entry.signature == nil ? 0 : signature)
    }
}
