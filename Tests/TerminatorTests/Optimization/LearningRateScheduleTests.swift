import Foundation
import TestSupport
import Testing

@testable import Terminator

@Suite struct LearningRateScheduleTests {
    @Test func warmUpThenCosineByHand() {
        let schedule = LearningRateSchedule(.warmUpThenCosine, base: 8, warmUpStepCount: 4, stepCount: 12)
        // A quarter more at each step of the warm-up, then 4 (1 + cos(π k / 8)).
        let root = Float(2).squareRoot()
        let expected: [(Int, Float)] = [
            (0, 2), (1, 4), (2, 6), (3, 8), (4, 8), (6, 4 + 2 * root), (8, 4), (10, 4 - 2 * root),
        ]
        for (step, rate) in expected {
            // Rates of at most 8: the schedule's is rounded once, the expected one's root and sum once each.
            #expect(abs(schedule.rate(atStep: step) - rate) <= 3 * .ulpOfOne / 2 * 8, "step \(step)")
        }
        #expect(schedule.rate(atStep: 11) > 0)
        #expect(schedule.rate(atStep: 99) == schedule.rate(atStep: 11))
    }

    @Test func aConstantStays() {
        let schedule = LearningRateSchedule(.constant, base: 0.5, stepCount: 3)
        #expect((0..<5).map(schedule.rate(atStep:)) == [0.5, 0.5, 0.5, 0.5, 0.5])
    }

    /// The recursion of the chained schedules, step by step: each multiplies or divides what the other left.
    @Test(arguments: [(1, 10), (5, 50), (30, 200)])
    func authorsFollowTheRecursion(warmUp: Int, total: Int) {
        let schedule = LearningRateSchedule(.authors, base: 1, warmUpStepCount: warmUp, stepCount: total)
        // The warm-up starts at 1e-8 of the base; the cosine is created at phase -warmUp, where it changes nothing.
        var rate = 1e-8
        let period = Double(total - warmUp)
        func halfCosine(_ phase: Int) -> Double { 1 + cos(.pi * Double(phase) / period) }
        for step in 0..<total {
            if step > 0, step <= warmUp {
                let before = 1e-8 + (1 - 1e-8) * Double(step - 1) / Double(warmUp)
                rate *= (1e-8 + (1 - 1e-8) * Double(step) / Double(warmUp)) / before
            }
            let phase = step - warmUp + 1
            if phase != 0 { rate *= halfCosine(phase) / halfCosine(phase - 1) }
            // Rounded once to Float. In double precision 200 steps of six roundings leave 200 · 6 · 2⁻⁵³ = 1.3e-13;
            // where the cosines cancel, a step's relative error is larger, by as much as its rate is smaller.
            #expect(
                abs(Double(schedule.rate(atStep: step)) - rate) <= floatEpsilon / 2 * rate + 2e-13,
                "step \(step)")
        }
        #expect(schedule.rate(atStep: total - 1) == 0)
    }
}
