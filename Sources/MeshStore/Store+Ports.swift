import GRDB
package import MeshGossip
package import MeshLog
package import MeshNode

extension Store: LogPort {
    package func commit(_ requests: [AppendRequest]) async -> AppendResult {
        do {
            let (done, level) = try await append(requests)
            return .stored(done, level: level)
        } catch let failure as AppendFailure {
            return .failed(reason: "\(failure)", segments: failure.segments)
        } catch {
            // Whatever else fails does so before the transaction begins: with what was held before.
            // Where even that cannot be read, nothing is held that could be served.
            return .failed(reason: "\(error)", segments: (try? await segments()) ?? [])
        }
    }

    package func chunk(_ query: RunQuery) async -> RunRead {
        // A neighbour who gets nothing asks again, or somebody else.
        (try? await read(query)) ?? RunRead(token: query.token, entries: [])
    }
}

extension Store: LogViews {
    package func segments() async throws -> [Segment] {
        do {
            return try await pool.read { try SQLiteTables(reading: $0).segments() }
        } catch {
            throw StoreError.from(error, path: home.home.database)
        }
    }
}
