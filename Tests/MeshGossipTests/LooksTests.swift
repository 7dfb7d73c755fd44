import MeshGossip
import MeshModel
import Testing

@testable import MeshGossip

@Suite("Looks: one timer for all neighbours")
struct LooksTests {
    private let anna = NeighbourID(1)
    private let ben = NeighbourID(2)

    private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

    @Test("A timer is set for the earliest look, and once")
    func earliest() {
        var looks = Looks()
        #expect(looks.timerToSet() == nil)
        looks.plan(anna, at: at(30))
        #expect(looks.timerToSet() == at(30))
        #expect(looks.timerToSet() == nil)
        looks.plan(ben, at: at(40))
        #expect(looks.timerToSet() == nil)
        looks.plan(ben, at: at(20))
        #expect(looks.timerToSet() == at(20))
    }

    @Test("A later look does not put off an earlier one")
    func later() {
        var looks = Looks()
        looks.plan(anna, at: at(20))
        looks.plan(anna, at: at(90))
        let due = looks.take(at: at(20))
        #expect(due == [anna])
    }

    @Test("Those that are due are taken once, and a timer is set for the rest")
    func taking() {
        var looks = Looks()
        looks.plan(ben, at: at(20))
        looks.plan(anna, at: at(20))
        looks.plan(NeighbourID(3), at: at(50))
        _ = looks.timerToSet()
        let (early, due, again) = (
            looks.take(at: at(19)), looks.take(at: at(20)), looks.take(at: at(21))
        )
        #expect(early.isEmpty)
        #expect(due == [anna, ben])
        #expect(again.isEmpty)
        #expect(looks.timerToSet() == at(50))
    }

    @Test("Whoever goes is not looked at")
    func cancelled() {
        var looks = Looks()
        looks.plan(anna, at: at(20))
        looks.cancel(anna)
        let due = looks.take(at: at(20))
        #expect(due.isEmpty)
        #expect(looks.timerToSet() == nil)
    }
}
