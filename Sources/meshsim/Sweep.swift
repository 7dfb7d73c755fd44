import Foundation
import MeshSimulation

/// Many seeds on all cores, one process for each. A seed is checked in one process and run once
/// more in another, whose dictionaries are seeded differently: a trace that depends on their order
/// shows.
struct Sweep {
    let choice: ScenarioOptions
    let first: UInt64
    /// At least so many, and more until the time is over.
    let count: Int?
    let minutes: Double?
    let isJSON: Bool

    /// What the workers said so far.
    private struct Tally {
        var checked = 0
        var failed: [UInt64] = []
        /// Trace of each seed that only one process has run yet.
        var traces: [UInt64: String] = [:]
        var differing: [UInt64] = []
        /// Processor time of all runs, in milliseconds, and of the longest.
        var milliseconds = 0
        var runs = 0
        var longest = (milliseconds: 0, seed: UInt64(0))
        var last: UInt64 = 0

        mutating func ran(_ seed: UInt64, for taken: Int) {
            runs += 1
            milliseconds += taken
            if taken > longest.milliseconds { longest = (taken, seed) }
        }
    }

    /// True when every seed passed.
    func run() throws -> Bool {
        let workers = max(2, ProcessInfo.processInfo.activeProcessorCount)
        let pipe = Pipe()
        let processes = try (0..<workers).map { try start($0, of: workers, into: pipe) }
        try? pipe.fileHandleForWriting.close()
        var tally = Tally()
        let isTerminal = isatty(2) == 1
        for line in Lines(pipe.fileHandleForReading) {
            take(line, into: &tally)
            if isTerminal { progress(tally) }
        }
        processes.forEach { $0.waitUntilExit() }
        if isTerminal { FileHandle.standardError.write(Data("\n".utf8)) }
        let crashed = processes.filter { $0.terminationStatus != 0 }.count
        finish(tally, crashed: crashed)
        return tally.failed.isEmpty && tally.differing.isEmpty && crashed == 0
    }

    private func start(_ place: Int, of workers: Int, into pipe: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var arguments = choice.flags + ["--worker", "\(place)/\(workers)", "--from", String(first)]
        if let count { arguments += ["--sweep", String(count)] }
        if let minutes { arguments += ["--minutes", String(minutes)] }
        process.arguments = arguments
        process.standardOutput = pipe.fileHandleForWriting
        try process.run()
        return process
    }

    private func take(_ line: String, into tally: inout Tally) {
        let words = line.split(separator: " ", maxSplits: 4).map(String.init)
        guard words.count >= 4, let seed = UInt64(words[1]), let taken = Int(words[3]) else {
            print(line)
            return
        }
        tally.ran(seed, for: taken)
        tally.last = max(tally.last, seed)
        if let other = tally.traces.removeValue(forKey: seed) {
            if other != words[2] { tally.differing.append(seed) }
        } else {
            tally.traces[seed] = words[2]
        }
        switch words[0] {
        case "passed": tally.checked += 1
        case "failed":
            tally.checked += 1
            tally.failed.append(seed)
            print("FAILED  seed \(seed): \(words.count > 4 ? words[4] : "")")
            print("        \(replay(seed))")
        default: break
        }
    }

    private func replay(_ seed: UInt64) -> String {
        (["tools/meshsim", "--seed", String(seed)] + choice.flags).joined(separator: " ")
    }

    private func progress(_ tally: Tally) {
        let of = count.map { " of \($0)" } ?? ""
        let text = "\r\(tally.checked)\(of) seeds, \(tally.failed.count) failed "
        FileHandle.standardError.write(Data(text.utf8))
    }

    private func finish(_ tally: Tally, crashed: Int) {
        for seed in tally.differing {
            print("FAILED  determinism: two processes made different traces of seed \(seed)")
            print("        \(replay(seed))")
        }
        if crashed > 0 { print("FAILED  \(crashed) workers ended early; their output is above") }
        if isJSON {
            let failed = tally.failed.sorted().map(String.init).joined(separator: ",")
            print("{\"checked\":\(tally.checked),\"first\":\(first),\"failed\":[\(failed)]}")
        } else {
            print(
                "\(tally.checked) seeds of '\(choice.scenario)' from \(first) to \(tally.last): "
                    + "\(tally.failed.count) failed")
            let mean = tally.milliseconds / max(1, tally.runs)
            print(
                "processor time of a run: mean \(mean) ms, most \(tally.longest.milliseconds) ms "
                    + "(seed \(tally.longest.seed)); each seed run twice")
        }
    }
}

/// One process of a sweep: checks every n-th seed and repeats those of its neighbour.
struct SweepWorker {
    private let index: UInt64
    private let workers: UInt64
    private let choice: ScenarioOptions
    private let first: UInt64
    private let count: Int?

    /// `place` is as in `0/2`.
    init(place: String, choice: ScenarioOptions, first: UInt64, count: Int?) throws {
        let parts = place.split(separator: "/").compactMap { UInt64($0) }
        index = parts.first ?? 0
        workers = max(1, parts.last ?? 1)
        self.choice = choice
        self.first = first
        self.count = count
    }

    func run(minutes: Double? = nil) throws {
        let end = minutes.map { Date().addingTimeInterval($0 * 60) }
        var number: UInt64 = 0
        while isToGoOn(number, until: end) {
            let scenario = try choice.scenario(seed: first + number)
            if number % workers == index { check(scenario) }
            if number % workers == (index + 1) % workers { again(scenario) }
            number += 1
        }
    }

    private func isToGoOn(_ number: UInt64, until end: Date?) -> Bool {
        if let count, number < UInt64(count) { return true }
        return end.map { Date() < $0 } ?? (count == nil)
    }

    private func check(_ scenario: Scenario) {
        let (result, taken) = timed(scenario)
        if let first = result.findings.first {
            say("failed \(scenario.seed) \(taken) \(first.check.rawValue): \(first.text)")
        } else {
            say("passed \(scenario.seed) \(taken)")
        }
    }

    private func again(_ scenario: Scenario) {
        say("again \(scenario.seed) \(timed(scenario).taken)")
    }

    /// The result, and its trace with the milliseconds of processor time.
    private func timed(_ scenario: Scenario) -> (result: RunResult, taken: String) {
        let begin = clock()
        let result = Simulation(scenario).run()
        let milliseconds = (clock() - begin) * 1000 / Int(CLOCKS_PER_SEC)
        return (result, "\(String(result.hash, radix: 16)) \(milliseconds)")
    }

    /// One write for each line, short enough to be whole in a shared pipe.
    private func say(_ line: String) {
        let text = String(line.prefix(1000)) + "\n"
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

/// The lines of a pipe as they come.
private struct Lines: Sequence, IteratorProtocol {
    private let handle: FileHandle
    private var rest = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    mutating func next() -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
                rest = Data(rest[rest.index(after: end)...])
                return line
            }
            let more = handle.availableData
            if more.isEmpty { return nil }
            rest += more
        }
    }
}
