import Foundation
import Runtime

/// The learning rate of every step of a training.
public struct LearningRateSchedule: Sendable, Equatable, Codable {
    /// How the rate goes.
    public enum Form: String, Sendable, Codable {
        /// The same for all steps.
        case constant
        /// Up linearly over the warm-up, to `base` at its end, then down a half cosine towards 0.
        case warmUpThenCosine
        /// The authors': the product of a linear warm-up and a cosine that already runs during the warm-up. Its peak
        /// lies a little above `base`, and the last step has rate 0.
        case authors
    }

    /// How the rate goes.
    public var form: Form
    /// The rate that the form scales.
    public var base: Float
    /// The number of steps of the warm-up, at least 0 and less than `stepCount`.
    public var warmUpStepCount: Int
    /// The number of steps of the training.
    public var stepCount: Int

    /// A schedule from its parts.
    public init(_ form: Form, base: Float, warmUpStepCount: Int = 0, stepCount: Int) {
        require(
            stepCount >= 1 && warmUpStepCount >= 0 && (warmUpStepCount < stepCount || form == .constant),
            "expected a warm-up shorter than the training, got \(warmUpStepCount) of \(stepCount) steps")
        self.form = form
        self.base = base
        self.warmUpStepCount = warmUpStepCount
        self.stepCount = stepCount
    }

    /// The rate of step 0, 1, ...; steps behind the last have the last one's.
    public func rate(atStep step: Int) -> Float {
        require(step >= 0, "expected a step of at least 0, got \(step)")
        let step = min(step, stepCount - 1)
        return switch form {
        case .constant: base
        case .warmUpThenCosine: base * Float(warmUpThenCosine(step))
        case .authors: base * Float(authors(step))
        }
    }

    private func warmUpThenCosine(_ step: Int) -> Double {
        guard step >= warmUpStepCount else { return Double(step + 1) / Double(warmUpStepCount) }
        return halfCosine(step - warmUpStepCount) / 2
    }

    /// The closed form of PyTorch's recursion for a chained linear warm-up and cosine.
    ///
    /// The cosine's phase is step - warmUp + 1; the recursion divides by the phase before, from phase -warmUp on, and
    /// leaves the rate as it is when the phase passes 0, so that one factor is missing from there on.
    private func authors(_ step: Int) -> Double {
        guard warmUpStepCount > 0 else { return halfCosine(step) / 2 }
        let start = 1e-8
        let linear = min(1, start + (1 - start) * Double(step) / Double(warmUpStepCount))
        let phase = step - warmUpStepCount + 1
        let missing = phase >= 0 ? halfCosine(0) / halfCosine(-1) : 1
        return linear * halfCosine(phase) / halfCosine(-warmUpStepCount) / missing
    }

    /// 1 + cos: from 2 at phase 0 down to 0 at the end of the steps behind the warm-up.
    private func halfCosine(_ phase: Int) -> Double {
        1 + cos(.pi * Double(phase) / Double(stepCount - warmUpStepCount))
    }
}
