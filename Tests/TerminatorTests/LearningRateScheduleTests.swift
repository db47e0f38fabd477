import Foundation
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
            #expect(abs(schedule.rate(atStep: step) - rate) <= 1e-6, "step \(step)")
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
            #expect(abs(Double(schedule.rate(atStep: step)) - rate) <= 1e-6, "step \(step)")
        }
        #expect(schedule.rate(atStep: total - 1) == 0)
    }
}
