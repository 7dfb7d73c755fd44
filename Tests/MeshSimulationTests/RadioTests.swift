import MeshModel
import Testing

@testable import MeshSimulation

/// Runs a radio by itself: frames in, receptions out.
private struct Bench {
    var radio: Radio
    let neighbours: [[Int]]
    var queue = EventQueue<(node: Int, isEnd: Bool)>()
    var heard: [(node: Int, from: Int, at: Instant)] = []
    var now = Instant.zero

    init(_ setup: RadioSetup, _ neighbours: [[Int]]) {
        radio = Radio(setup, nodes: neighbours.count, generator: SeededGenerator(seed: 3))
        self.neighbours = neighbours
    }

    mutating func send(_ bytes: Int, from: Int, to: Int? = nil) {
        let frame = RadioFrame(bytes: Array(repeating: 0, count: bytes), from: from, to: to)
        if let at = radio.send(frame, at: now) { queue.add((from, false), at: at) }
    }

    mutating func run() {
        while let next = queue.next() {
            now = next.at
            let node = next.payload.node
            if next.payload.isEnd {
                let finished = radio.finish(by: node, at: now)
                heard += finished.receptions.map { ($0.node, node, $0.at) }
                if let next = finished.next { queue.add((node, false), at: next) }
            } else {
                switch radio.attempt(by: node, at: now, among: neighbours[node]) {
                case .idle: continue
                case .wait(let until): queue.add((node, false), at: until)
                case .began(let end): queue.add((node, true), at: end)
                }
            }
        }
    }
}

@Suite struct RadioTests {
    private static let pair = [[1], [0]]

    @Test("a datagram of 150 bytes takes 332 µs of air at 6 Mb/s, plus the wait before it")
    func airtime() {
        #expect(Airtime.multicast(bytes: 150, rate: 6_000_000) == 332_000)
        #expect(Airtime.unicast(bytes: 150, rate: 24_000_000) == 20_000 + 78_000 + 60_000)
        var bench = Bench(RadioSetup(), Self.pair)
        bench.send(150, from: 0)
        bench.run()
        #expect(bench.radio.tally.sent == [332_000, 0])
        #expect(bench.radio.tally.heard == [0, 332_000])
    }

    @Test("a clean multicast reaches each node in reach once, and no other")
    func reach() {
        var bench = Bench(RadioSetup(), [[1, 2], [0], [0], []])
        bench.send(100, from: 0)
        bench.run()
        #expect(bench.heard.map(\.node) == [1, 2])
    }

    @Test(
        "the share of lost multicasts is the one asked for",
        arguments: [LossModel.independent(0.3), .bursty(mean: 0.3, burst: 8)])
    func loss(model: LossModel) {
        var setup = RadioSetup()
        setup.loss = model
        var bench = Bench(setup, Self.pair)
        for _ in 0..<8000 {
            bench.send(50, from: 0)
            bench.run()
        }
        let lost = Double(bench.radio.tally.lost) / 8000
        #expect(abs(lost - 0.3) < 0.04, "\(lost)")
    }

    @Test("an asymmetric link loses different shares each way, the same all along")
    func asymmetry() {
        var setup = RadioSetup()
        setup.loss = .asymmetric(mean: 0.3)
        var bench = Bench(setup, Self.pair)
        for _ in 0..<4000 {
            bench.send(50, from: 0)
            bench.send(50, from: 1)
            bench.run()
        }
        let there = bench.heard.filter { $0.node == 1 }.count
        let back = bench.heard.filter { $0.node == 0 }.count
        #expect(abs(there - back) > 200, "\(there) and \(back)")
    }

    @Test("retries carry unicasts through 30 % loss, and link-layer copies are dropped")
    func retries() {
        var setup = RadioSetup()
        setup.loss = .independent(0.3)
        var bench = Bench(setup, Self.pair)
        for _ in 0..<2000 {
            bench.send(50, from: 0, to: 1)
            bench.run()
        }
        #expect(bench.heard.count > 1995)
        #expect(bench.heard.count <= 2000)
        #expect(bench.radio.tally.unicasts > 3500)
    }

    @Test("a unicast to nobody is given up after seven retries")
    func abandoned() {
        var bench = Bench(RadioSetup(), [[], []])
        bench.send(50, from: 0, to: 1)
        bench.run()
        #expect(bench.radio.tally.unicasts == 1 + Airtime.retries)
        #expect(bench.radio.tally.abandoned == 1)
    }

    @Test("who senses a transmission waits for its end")
    func carrierSense() {
        var bench = Bench(RadioSetup(), [[1, 2], [0, 2], [0, 1]])
        for node in 0..<3 { for _ in 0..<20 { bench.send(1200, from: node) } }
        bench.run()
        let air = 60 * Airtime.multicast(bytes: 1200, rate: 6_000_000)
        #expect(bench.radio.tally.sent.reduce(0, +) == air)
        // Two that begin within one slot collide; all others wait for each other.
        #expect(bench.heard.count > 80)
        #expect(bench.now.nanoseconds > air * 8 / 10)
    }

    @Test("two senders who do not hear each other collide at the one between them")
    func hiddenTerminal() {
        var bench = Bench(RadioSetup(), [[1], [0, 2], [1]])
        bench.send(1200, from: 0)
        bench.send(1200, from: 2)
        bench.run()
        #expect(bench.heard.isEmpty)
        #expect(bench.radio.tally.collisions == 1)
    }

    @Test("who transmits does not hear")
    func halfDuplex() {
        // Node 1 hears 0 but 0 does not sense 1, so both are on the air at once.
        var bench = Bench(RadioSetup(), [[1], []])
        // 0 begins while 1 is on the air: its wait is over after 0.4 ms, its frame takes 1.7 ms.
        bench.send(1200, from: 1)
        bench.now = .zero + .microseconds(400)
        bench.send(1200, from: 0)
        bench.run()
        #expect(bench.heard.isEmpty)
    }

    @Test("a full queue drops the newest frame")
    func queue() {
        var bench = Bench(RadioSetup(), Self.pair)
        for _ in 0..<80 { bench.send(50, from: 0) }
        bench.run()
        #expect(bench.radio.tally.dropped == 80 - 64)
        #expect(bench.heard.count == 64)
    }

    @Test("duplication hands frames up twice")
    func duplication() {
        var setup = RadioSetup()
        setup.duplication = 1
        var bench = Bench(setup, Self.pair)
        bench.send(50, from: 0)
        bench.run()
        #expect(bench.heard.count == 2)
    }
}

@Suite struct TerrainTests {
    @Test("every topology is connected and symmetric", arguments: Topology.names)
    func connected(name: String) throws {
        let topology = try #require(Topology(name: name))
        var generator = SeededGenerator(seed: 4)
        let terrain = Terrain(topology, peers: 17, guests: 2, generator: &generator)
        var reached: Set<Int> = [0]
        var work = [0]
        while let next = work.popLast() {
            for other in terrain.neighbours[next] where reached.insert(other).inserted {
                work.append(other)
            }
        }
        #expect(reached.count == 19)
        for a in 0..<19 { for b in 0..<19 { #expect(terrain.hears(a, b) == terrain.hears(b, a)) } }
    }

    @Test("a partition cuts between groups only, and heals")
    func partition() {
        var generator = SeededGenerator(seed: 5)
        var terrain = Terrain(.clique, peers: 4, guests: 0, generator: &generator)
        terrain.cut(into: [0, 0, 1, 1])
        #expect(terrain.neighbours == [[1], [0], [3], [2]])
        terrain.heal()
        #expect(terrain.neighbours[0] == [1, 2, 3])
    }
}
