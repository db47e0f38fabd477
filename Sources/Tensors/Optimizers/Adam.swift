import CVectorLoops
import Foundation
import Runtime

/// Adam and, with decoupled weight decay, AdamW: steps along an exponential moving average of gradients, divided by the
/// root of one of their squares.
///
/// Source: D. P. Kingma and J. Ba, arXiv 1412.6980, algorithm 1; I. Loshchilov and F. Hutter, arXiv 1711.05101.
public struct Adam: Optimizer {
    /// The decay β₁ of the average of gradients, in 0 ..< 1.
    public let firstDecay: Float
    /// The decay β₂ of the average of squared gradients, in 0 ..< 1.
    public let secondDecay: Float
    /// ε, added to the root of the average square.
    public let epsilon: Float
    /// λ: each step multiplies parameters by 1 - λ · rate, those without weight decay (``TrainingRule``) excepted.
    public let weightDecay: Float

    /// The number of updates, a tensor because it is a part of the state.
    private var stepCount = Tensor(0)
    private var moments: [String: Moments] = [:]
    /// The parameters' names in the model's order.
    private var names: [String] = []
    /// The rules of the parameters that have one of their own.
    private var rules: [String: TrainingRule] = [:]

    private struct Moments {
        var first: Tensor
        var second: Tensor
    }

    /// The rule with the given constants.
    public init(
        firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
    ) {
        require(
            (0..<1).contains(firstDecay) && (0..<1).contains(secondDecay),
            "expected decays in 0..<1, got \(firstDecay) and \(secondDecay)")
        require(
            epsilon >= 0 && weightDecay >= 0,
            "expected epsilon and weight decay of at least 0, got \(epsilon) and \(weightDecay)")
        self.firstDecay = firstDecay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    /// Updates the parameters of `model` by one step at the given learning rate.
    public mutating func update<Model: Module>(_ model: inout Model, along gradient: Gradient, rate: Float) {
        prepare(for: model)
        stepCount = stepCount + 1
        let steps = Double(stepCount.scalar)
        let firstCorrection = Float(1 - pow(Double(firstDecay), steps))
        let correction = Float(1 / (1 - pow(Double(secondDecay), steps)).squareRoot())
        let loops = vectorLoops
        model.forEachParameter { name, parameter in
            // Moved out of the dictionary: referenced once, the moments are mutated in place.
            guard var state = moments.removeValue(forKey: name) else {
                fatalError("expected the model of the first update, without a parameter '\(name)'")
            }
            let component = gradient[name]
            require(
                component.shape == parameter.shape && state.first.shape == parameter.shape,
                "expected gradient and state of shape \(parameter.shape) for '\(name)', got \(component.shape) and "
                    + "\(state.first.shape)")
            let rule = rules[name] ?? .ordinary
            let ownRate = rate * rule.rateFactor
            let step = ownRate / firstCorrection
            let shrinkage = rule.decays ? ownRate * weightDecay : 0
            parameter.updateScalars { p in
                state.first.updateScalars { m in
                    state.second.updateScalars { v in
                        let (p, m, v) = (p.baseAddress!, m.baseAddress!, v.baseAddress!)
                        component.withPointer { g in
                            parallelRanges(of: component.count) { range in
                                let at = range.lowerBound
                                loops.pointee.adam(
                                    p + at, m + at, v + at, g + at, firstDecay, secondDecay, step, correction,
                                    epsilon, shrinkage, range.count)
                            }
                        }
                    }
                }
            }
            moments[name] = state
        }
    }

    /// Creates the state that the first update would create: averages of zero for each parameter.
    public mutating func prepare<Model: Module>(for model: Model) {
        guard names.isEmpty else { return }
        rules = model.trainingRules
        for (name, parameter) in model.parameters {
            names.append(name)
            let zero = Tensor(shape: parameter.shape, repeating: 0)
            moments[name] = Moments(first: zero, second: zero)
        }
    }

    /// Calls `body` with `step` and, for each parameter, `first.` and `second.` before its name.
    public mutating func forEachState(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("step", &stepCount)
        for name in names {
            try body("first.\(name)", &moments[name]!.first)
            try body("second.\(name)", &moments[name]!.second)
        }
    }
}
