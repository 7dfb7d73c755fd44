import Testing

@Suite("Each rule catches what it is there for")
struct RuleTests {
    private func breaches(
        _ rule: StyleRule, _ text: String, at path: String = "Sources/MeshModel/Some.swift"
    ) -> [Int] {
        rule.breaches(in: SourceFile(path: path, text: text)).map(\.line)
    }

    @Test(
        "The pure ring imports only what is allowed",
        arguments: [
            "import Foundation", "package import Glibc", "import Dispatch", "import NIOCore",
            "internal import Logging", "@preconcurrency import struct Foundation.Data",
            "import Crypto",
        ])
    func importForbidden(_ line: String) {
        #expect(breaches(HouseRules.imports, "// why\n\(line)") == [2])
    }

    @Test("What is allowed to one module, and the shell's imports, are no breach")
    func importAllowed() {
        let identity = "Sources/MeshIdentity/Some.swift"
        #expect(breaches(HouseRules.imports, "internal import Crypto", at: identity) == [])
        let link = "Sources/MeshLink/Some.swift"
        #expect(breaches(HouseRules.imports, "import NIOCore", at: link) == [])
        #expect(
            breaches(HouseRules.imports, "// import Foundation\nlet a = \"import Glibc\"") == [])
    }

    @Test("An arrow that points outward is caught")
    func arrow() {
        #expect(breaches(HouseRules.arrows, "import MeshWire") == [1])
        let wire = "Sources/MeshWire/Some.swift"
        #expect(breaches(HouseRules.arrows, "package import MeshModel", at: wire) == [])
        let api = "Sources/MeshAPI/Some.swift"
        #expect(breaches(HouseRules.arrows, "import MeshStore", at: api) == [1])
    }

    @Test("A module that nobody placed is caught")
    func unknownModule() {
        #expect(breaches(HouseRules.arrows, "", at: "Sources/MeshCellar/Some.swift") == [1])
        #expect(breaches(HouseRules.arrows, "import MeshCellar") == [1])
    }

    @Test(
        "Tasks and output in the pure ring are caught",
        arguments: ["func a() async {}", "await b()", "Task { c() }", "print(d)"])
    func effect(_ line: String) {
        #expect(breaches(HouseRules.effects, line) == [1])
        #expect(breaches(HouseRules.effects, line, at: "Sources/MeshNode/Some.swift") == [])
        #expect(breaches(HouseRules.effects, "let asynchronous = fingerprint(1)") == [])
    }

    @Test(
        "A clock in the pure ring is caught",
        arguments: [
            "let now = Date()", "let now = Foundation.Date()", "ContinuousClock().now",
            "SuspendingClock.now", "clock_gettime(CLOCK_MONOTONIC, &time)",
        ])
    func clock(_ line: String) {
        #expect(breaches(HouseRules.clocks, line) == [1])
        #expect(breaches(HouseRules.clocks, "let a = candiDate(1) // Date()") == [])
        #expect(breaches(HouseRules.clocks, line, at: "Tests/MeshModelTests/Some.swift") == [])
    }

    @Test(
        "Randomness of the system in the pure ring is caught",
        arguments: [
            "SystemRandomNumberGenerator()", "Int.random(in: 0..<9)", "Bool.random()",
            "all.shuffled()", "all.randomElement()", "UUID()",
        ])
    func random(_ line: String) {
        #expect(breaches(HouseRules.randomness, line) == [1])
    }

    @Test("A generator that was handed in is no breach, on a line of its own neither")
    func randomAllowed() {
        #expect(breaches(HouseRules.randomness, "Int.random(in: 0..<9, using: &generator)") == [])
        #expect(breaches(HouseRules.randomness, "Int.random(in:\n0..<9,\nusing: &g)") == [])
    }

    @Test(
        "A sleep in a test is caught, a clock of one's own is not",
        arguments: ["try await Task.sleep(for: .seconds(1))", "usleep(5)", "sleep(1)"])
    func sleep(_ line: String) {
        let path = "Tests/MeshNodeTests/Some.swift"
        #expect(breaches(HouseRules.sleeps, line, at: path) == [1])
        #expect(breaches(HouseRules.sleeps, line) == [])
        #expect(breaches(HouseRules.sleeps, "func sleep(until: Instant) {}", at: path) == [])
    }

    @Test(
        "A trap is caught, in a comment or a text it is none",
        arguments: [
            "fatalError()", "let a = try! b()", "c as! D", "class E: @unchecked Sendable {}",
        ])
    func trap(_ line: String) {
        #expect(breaches(HouseRules.traps, line) == [1])
        #expect(breaches(HouseRules.traps, "// \(line)\nlet a = \"\(line)\"") == [])
    }

    @Test("The 401st line, the 101st column and the 71st line of a function are caught")
    func length() {
        let lines = String(repeating: "\n", count: 399)
        #expect(breaches(HouseRules.fileLength, lines + "a\n") == [])
        #expect(breaches(HouseRules.fileLength, lines + "a\nb\n") == [1])
        let wide = String(repeating: "a", count: 100)
        #expect(breaches(HouseRules.lineLength, "\(wide)\n\(wide)b") == [2])
        let body = String(repeating: "    a()\n", count: 68)
        #expect(breaches(HouseRules.functionLength, "\nfunc f() {\n\(body)}") == [])
        #expect(breaches(HouseRules.functionLength, "\nfunc f() {\n\(body)b()\n}") == [2])
    }

    @Test("Initialisers and computed properties are measured, requirements are not")
    func lengthOfOthers() {
        let body = String(repeating: "    a()\n", count: 69)
        #expect(breaches(HouseRules.functionLength, "package init(\n) {\n\(body)}") == [1])
        #expect(breaches(HouseRules.functionLength, "static var x: Int {\n\(body)}") == [1])
        #expect(breaches(HouseRules.functionLength, "func f()\nfunc g()\n\(body)") == [])
        let quoted = "func f() {\n    a(\"}\", \"\\(b(\"{\"))\")\n\(body)}"
        #expect(breaches(HouseRules.functionLength, quoted) == [1])
    }

    @Test("A note of work to do is caught", arguments: ["TO" + "DO", "FIX" + "ME"])
    func leftover(_ note: String) {
        #expect(breaches(HouseRules.leftovers, "a()  // \(note): later") == [1])
        #expect(breaches(HouseRules.leftovers, "let a = \"\(note)\"") == [])
    }

    @Test(
        "A name that says nothing is caught",
        arguments: ["StringUtils", "TestHelper", "LinkManager", "Common"])
    func name(_ name: String) {
        #expect(breaches(HouseRules.names, "", at: "Sources/MeshLink/\(name).swift") == [1])
        #expect(breaches(HouseRules.names, "", at: "Sources/MeshLink/Link.swift") == [])
    }
}

@Suite("Waivers excuse with a reason only")
struct WaiverTests {
    private func file(_ text: String) -> SourceFile {
        SourceFile(path: "Sources/MeshModel/Some.swift", text: text)
    }

    private func faults(_ text: String) -> [Int] {
        Waiver.faults(in: file(text), rules: HouseRules.all).map(\.line)
    }

    @Test("A waiver on the line or right above it excuses that line and no other")
    func covers() {
        let rule = HouseRules.traps
        let beside = "fatalError()  // style: trap: nothing reaches this"
        #expect(rule.breaches(in: file(beside)) == [])
        let above = "// style: trap: nothing reaches this\nfatalError()\nfatalError()"
        #expect(rule.breaches(in: file(above)).map(\.line) == [3])
        #expect(faults(above) == [])
    }

    @Test("A waiver of another rule excuses nothing")
    func other() {
        let text = "// style: clock: nothing reaches this\nfatalError()"
        #expect(HouseRules.traps.breaches(in: file(text)).map(\.line) == [2])
        #expect(faults(text) == [1])
    }

    @Test("A waiver without a reason, of no rule, or for nothing is caught")
    func fault() {
        #expect(faults("fatalError()  // style: trap") == [1])
        #expect(faults("fatalError()  // style: trap: ") == [1])
        #expect(faults("fatalError()  // style: taste: nothing reaches this") == [1])
        #expect(faults("a()  // style: trap: nothing reaches this") == [1])
    }
}
