import Testing

@Suite("The tree keeps the rules of the house")
struct StyleTests {
    @Test("The tree is found")
    func finds() {
        #expect(SourceTree.files.contains { $0.path == "Sources/MeshModel/Entry.swift" })
        #expect(SourceTree.files.contains { $0.path == "Tests/HouseTests/StyleTests.swift" })
    }

    @Test("Each rule holds in every file", arguments: HouseRules.all)
    func holds(_ rule: StyleRule) {
        for breach in SourceTree.files.flatMap(rule.breaches(in:)) {
            Issue.record("\(breach) [\(rule.name)]")
        }
    }

    @Test("Each waiver names a rule, gives a reason and excuses something")
    func waivers() {
        for file in SourceTree.files {
            for fault in Waiver.faults(in: file, rules: HouseRules.all) {
                Issue.record("\(fault)")
            }
        }
    }

    @Test("Every module is in the table, and the table names no other")
    func table() {
        let found = Set(
            SourceTree.files.filter { $0.area == "Sources" }.compactMap(\.module))
        #expect(found.subtracting(Modules.inward.keys).isEmpty)
        #expect(Set(Modules.pure.keys).subtracting(Modules.inward.keys).isEmpty)
    }

    @Test("No arrow of the table points back")
    func acyclic() {
        var left = Modules.inward
        while !left.isEmpty {
            let free = left.filter { $0.value.isDisjoint(with: left.keys) }.map(\.key)
            #expect(!free.isEmpty, "a circle among \(left.keys.sorted())")
            if free.isEmpty { return }
            for name in free { left[name] = nil }
        }
    }
}
