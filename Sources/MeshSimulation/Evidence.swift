package import MeshModel

/// What the simulation knows and the peers do not: the truth, what was found, what it cost.
package struct Evidence {
    package var truth = Truth()
    package var findings = Findings()
    package var statistics = Statistics()
    package var arrivals: Arrivals
    /// Nil unless the run is to be explained.
    package var story: Story?
    /// Every event and effect so far.
    package var hash = TraceHash()
    /// Keys that were made to run twice with one epoch: they may fork.
    package var cloned: Set<PeerID> = []

    package init(nodes: Int, tellsStory: Bool) {
        arrivals = Arrivals(nodes: nodes)
        story = tellsStory ? Story() : nil
    }

    package mutating func tell(
        _ text: @autoclosure () -> String, at now: Instant, node: Int, entries: [Int] = []
    ) {
        story?.add(text(), at: now, node: node, entries: entries)
    }
}

/// The medium and who is in reach of whom on it.
package struct Air {
    package var radio: Radio
    package var terrain: Terrain
    /// For each node the nodes in reach that are switched on.
    package private(set) var listeners: [[Int]] = []

    package init(radio: Radio, terrain: Terrain) {
        self.radio = radio
        self.terrain = terrain
    }

    /// To be called whenever somebody moved or was switched on or off.
    package mutating func listen(where isOn: (Int) -> Bool) {
        let on = (0..<terrain.count).map(isOn)
        listeners = terrain.neighbours.map { $0.filter { on[$0] } }
    }
}
