import Glibc
import MeshModel

/// Keeps the marker of an open store in step with its own commits. Without a directory or a boot id
/// it keeps none, and every start opens a new epoch.
struct MarkerKeeper: Sendable {
    private let directory: String
    private let storeID: [UInt8]
    private let boot: String?
    private let file: String
    /// There was a place for it when the store was opened.
    let isKept: Bool

    init(directory: String, storeID: [UInt8], boot: String?, database: String) {
        self.directory = directory
        self.storeID = storeID
        self.boot = boot
        let status = SystemFile.status(database)
        file = "\(status?.st_dev ?? 0):\(status?.st_ino ?? 0)"
        isKept = boot != nil && MarkerFile(directory: directory, store: storeID) != nil
    }

    private var place: MarkerFile? { MarkerFile(directory: directory, store: storeID) }

    private func marker(_ epoch: UInt64, _ commit: Marker.Commit) -> Marker? {
        boot.map {
            Marker(boot: $0, store: storeID, file: file, epoch: epoch, commit: commit)
        }
    }

    /// The epoch of `storeRow`, if the marker proves that it may go on; then the marker is settled,
    /// so that what was pending and is not in the store never counts again.
    func provenEpoch(of storeRow: StoreRow) -> UInt64? {
        guard let epoch = storeRow.epoch, let place, let found = place.read(),
            let wanted = marker(epoch, storeRow.commit), found.proves(storeRow.commit),
            found.boot == wanted.boot, found.store == wanted.store, found.file == wanted.file,
            found.epoch == epoch
        else { return nil }
        guard (try? place.write(wanted)) != nil, place.read() == wanted else { return nil }
        return epoch
    }

    /// Before an own commit: the store is about to hold `next`.
    /// - Throws: `StoreError.marker`: a stale marker would stay, so nothing may be written.
    func announce(
        _ next: Marker.Commit, of epoch: UInt64, after storeRow: StoreRow
    ) throws(StoreError) {
        guard isKept, var marker = marker(epoch, storeRow.commit) else { return }
        guard let place else {
            throw StoreError(
                .marker, "\(directory) is no longer a directory of this user alone",
                try: "give it back to the user of starlingd with mode 0700, or restart starlingd")
        }
        // With a new epoch only `next` counts: the store before it still names the old one.
        marker.pending = next
        try place.write(marker)
    }

    /// After an own commit, before anything of it leaves: older states prove nothing any more.
    func settle(on storeRow: StoreRow) {
        guard isKept, let place, let epoch = storeRow.epoch,
            let marker = marker(epoch, storeRow.commit)
        else { return }
        // It could be replaced or removed a moment ago; docs/spec/store.md says what is left if not
        // now.
        try? place.write(marker)
    }
}
