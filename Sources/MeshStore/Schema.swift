import GRDB

/// The tables of `starling.db` (docs/spec/store.md). A change is a new migration, never an edit of
/// one that was released.
enum Schema {
    /// `PRAGMA application_id`: "strl".
    static let applicationID: Int32 = 0x7374_726C

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 entries") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: logs + rows + local)
        }
        migrator.registerMigration("2 lacking bodies") { try $0.execute(sql: lacking) }
        return migrator
    }

    private static let logs = """
        CREATE TABLE room (
            id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,
            entries INTEGER NOT NULL, lastTime INTEGER NOT NULL) STRICT;
        CREATE TABLE author (
            peer BLOB PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE segment (
            id INTEGER PRIMARY KEY, base INTEGER NOT NULL, ref INTEGER NOT NULL,
            room INTEGER NOT NULL, author BLOB NOT NULL, epoch BLOB NOT NULL,
            parent INTEGER, branch BLOB, first INTEGER NOT NULL,
            head INTEGER NOT NULL, headID BLOB NOT NULL,
            complete INTEGER NOT NULL, completeID BLOB NOT NULL, completeArrival INTEGER NOT NULL,
            cited INTEGER NOT NULL, split INTEGER NOT NULL, formerly INTEGER,
            closed INTEGER NOT NULL) STRICT;
        CREATE INDEX segmentByBase ON segment (base);
        CREATE INDEX segmentByRoom ON segment (room, author);

        """

    private static let rows = """
        CREATE TABLE row (
            arrival INTEGER PRIMARY KEY, segment INTEGER NOT NULL, seq INTEGER NOT NULL,
            idHead INTEGER NOT NULL, id BLOB NOT NULL, at INTEGER NOT NULL, push INTEGER NOT NULL,
            time INTEGER NOT NULL, complete INTEGER NOT NULL, loose INTEGER NOT NULL,
            cites BLOB NOT NULL, room INTEGER NOT NULL, previous BLOB NOT NULL,
            kind INTEGER NOT NULL, bodyLength INTEGER NOT NULL, bodyHash BLOB NOT NULL,
            receivedAt INTEGER NOT NULL, merged INTEGER NOT NULL, odd INTEGER NOT NULL,
            signature BLOB, body BLOB) STRICT;
        CREATE INDEX rowByID ON row (idHead);
        CREATE INDEX rowByPlace ON row (segment, seq);
        CREATE INDEX rowByTime ON row (room, time);
        CREATE INDEX looseRow ON row (segment, seq) WHERE loose = 1;
        CREATE INDEX oddRow ON row (room, receivedAt) WHERE odd = 1;
        CREATE INDEX nickRow ON row (segment, time) WHERE kind = 16;
        CREATE TABLE wait (
            log INTEGER NOT NULL, seq INTEGER NOT NULL, tag INTEGER NOT NULL,
            row INTEGER NOT NULL, PRIMARY KEY (log, seq, tag, row)) STRICT, WITHOUT ROWID;
        CREATE INDEX waitByRow ON wait (row);
        CREATE TABLE clock (
            segment INTEGER NOT NULL, seq INTEGER NOT NULL, components BLOB NOT NULL,
            PRIMARY KEY (segment, seq)) STRICT, WITHOUT ROWID;

        """

    /// Bodies that are to come: NULL in `row` alone may also mean that they were forgotten here.
    private static let lacking = """
        CREATE TABLE lacking (
            segment INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (segment, seq)) STRICT, WITHOUT ROWID;
        ALTER TABLE segment ADD COLUMN lacksFrom INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE segment ADD COLUMN lacksTo INTEGER NOT NULL DEFAULT 0;
        """

    private static let local = """
        CREATE TABLE store (
            one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, mesh TEXT NOT NULL,
            peer BLOB NOT NULL, usedBytes INTEGER NOT NULL, limitBytes INTEGER NOT NULL,
            epoch BLOB, commits INTEGER NOT NULL, tag BLOB NOT NULL) STRICT;
        CREATE TABLE joined (room TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE setting (
            key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """
}
