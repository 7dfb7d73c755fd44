package import MeshModel

/// Who is in reach of whom when nothing is wrong.
package enum Topology: Hashable, Sendable {
    case line, ring, star, grid, clique
    /// Two cliques that share one peer.
    case bridge
    /// Peers at random places of a square, in reach of each other below one distance, which is
    /// chosen so that a peer has about so many neighbours.
    case disk(degree: Double)

    package static let names = ["line", "ring", "star", "grid", "clique", "bridge", "disk"]

    package init?(name: String) {
        switch name {
        case "line": self = .line
        case "ring": self = .ring
        case "star": self = .star
        case "grid": self = .grid
        case "clique": self = .clique
        case "bridge": self = .bridge
        case "disk": self = .disk(degree: 8)
        default: return nil
        }
    }

    package var name: String {
        switch self {
        case .line: "line"
        case .ring: "ring"
        case .star: "star"
        case .grid: "grid"
        case .clique: "clique"
        case .bridge: "bridge"
        case .disk: "disk"
        }
    }

    /// Whether two of `count` peers are linked; for every form but `disk`.
    func links(_ a: Int, _ b: Int, of count: Int) -> Bool {
        let (low, high) = (min(a, b), max(a, b))
        switch self {
        case .line: return high - low == 1
        case .ring: return high - low == 1 || (low == 0 && high == count - 1)
        case .star: return low == 0
        case .clique: return true
        case .bridge: return high <= count / 2 || low >= count / 2
        case .grid:
            let side = max(1, Int(Double(count).squareRoot().rounded(.up)))
            let (dx, dy) = (abs(a % side - b % side), abs(a / side - b / side))
            return dx + dy == 1
        case .disk: return false
        }
    }
}

/// A place in a square with sides of length 1.
package struct Position: Hashable, Sendable {
    package var x: Double
    package var y: Double

    func distance(to other: Position) -> Double {
        let (dx, dy) = (x - other.x, y - other.y)
        return (dx * dx + dy * dy).squareRoot()
    }

    static func random(_ generator: inout SeededGenerator) -> Position {
        Position(
            x: Double.random(in: 0...1, using: &generator),
            y: Double.random(in: 0...1, using: &generator))
    }
}

/// Who hears whom now: topology, places, partitions, and guests who stand next to somebody.
package struct Terrain: Sendable {
    package let count: Int
    private let peers: Int
    private let topology: Topology
    /// Distance below which two places are in reach; disk only.
    private let range: Double
    private var positions: [Position]
    private let home: [Position]
    /// For each node past the peers, the peer that it stands beside.
    private var hosts: [Int]
    /// Nodes of different groups do not hear each other.
    private var groups: [Int]
    /// For each node whom it hears and who hears it, ascending.
    package private(set) var neighbours: [[Int]] = []

    /// `guests` are nodes beyond the peers: the hostile one, copies and clones.
    package init(
        _ topology: Topology, peers: Int, guests: Int, generator: inout SeededGenerator
    ) {
        self.topology = topology
        self.peers = peers
        count = peers + guests
        groups = Array(repeating: 0, count: count)
        hosts = (0..<guests).map { _ in Int.random(in: 0..<peers, using: &generator) }
        if case .disk(let degree) = topology {
            (positions, range) = Self.scatter(peers, degree: degree, &generator)
            for host in hosts { positions.append(positions[host]) }
        } else {
            positions = []
            range = 0
        }
        home = positions
        rebuild()
    }

    /// Places that form one connected mesh. The range grows by 5 % after every 20 failures.
    private static func scatter(
        _ count: Int, degree: Double, _ generator: inout SeededGenerator
    ) -> ([Position], Double) {
        var range = (degree / (Double(count) * 3.14159)).squareRoot()
        var tries = 0
        while true {
            let places = (0..<count).map { _ in Position.random(&generator) }
            if isConnected(places, range) { return (places, range) }
            tries += 1
            if tries % 20 == 0 { range *= 1.05 }
        }
    }

    private static func isConnected(_ places: [Position], _ range: Double) -> Bool {
        var reached: Set<Int> = [0]
        var work = [0]
        while let next = work.popLast() {
            for other in places.indices where !reached.contains(other) {
                if places[next].distance(to: places[other]) < range {
                    reached.insert(other)
                    work.append(other)
                }
            }
        }
        return reached.count == places.count
    }

    package mutating func cut(into groups: [Int]) {
        precondition(groups.count == count, "\(groups.count) groups for \(count) nodes")
        self.groups = groups
        rebuild()
    }

    package mutating func heal() { cut(into: Array(repeating: 0, count: count)) }

    /// Moves one node of a disk; elsewhere nothing.
    package mutating func move(_ node: Int, to position: Position) {
        guard node < positions.count else { return }
        positions[node] = position
        rebuild()
    }

    /// Where the mesh was connected, without partitions.
    package mutating func restore() {
        positions = home
        heal()
    }

    package func hears(_ a: Int, _ b: Int) -> Bool {
        a != b && groups[a] == groups[b] && inReach(a, b)
    }

    private func inReach(_ a: Int, _ b: Int) -> Bool {
        if !positions.isEmpty { return positions[a].distance(to: positions[b]) < range }
        let (x, y) = (a < peers ? a : hosts[a - peers], b < peers ? b : hosts[b - peers])
        return x == y || topology.links(x, y, of: peers)
    }

    private mutating func rebuild() {
        neighbours = (0..<count).map { a in (0..<count).filter { hears(a, $0) } }
    }
}
