import Runtime
import Tensors

/// Kar: sign descent along the gradient and exponential moving averages of earlier gradients.
///
///     p ← p - rate · (sign g + Σ_j sign m_j),   then   m_j ← β_j m_j + (1 - β_j) g
///
/// The averages start at 0 and are not corrected for it; the sign of 0 is 0. Each scalar moves by a multiple of the
/// rate. Source: the code published with arXiv 2401.17948.
public struct Kar: Optimizer {
    /// The decay of each average, in 0 ..< 1.
    public let decays: [Float]
    /// Decoupled weight decay: before each step, weights shrink by this times the rate. The weights are those that a
    /// ``StructuredModule`` declares (``ParameterPath/isWeight``), and all parameters of other modules; in both cases but
    /// for those without weight decay by a `TrainingRule` of their own.
    public var weightDecay: Float
    /// The averages of each parameter's gradients, by the parameter's name.
    private var averages: [String: [Tensor]] = [:]
    /// The parameters' names in the model's order.
    private var names: [String] = []
    /// The names of the parameters that decay.
    private var decayedNames: Set<String> = []
    /// The factors of the rate, for parameters that have one of their own.
    private var rateFactors: [String: Float] = [:]

    /// An optimizer with one average for each decay.
    public init(decays: [Float], weightDecay: Float = 0) {
        require(decays.allSatisfy { $0 >= 0 && $0 < 1 }, "expected decays in 0 ..< 1, got \(decays)")
        self.decays = decays
        self.weightDecay = weightDecay
    }

    /// Two averages, one short and one long: each step is up to three times the rate.
    public static func kar3(decays: (Float, Float) = (0.5, 0.95), weightDecay: Float = 0) -> Kar {
        Kar(decays: [decays.0, decays.1], weightDecay: weightDecay)
    }

    /// One average: each step is up to twice the rate.
    public static func kar2(decay: Float = 0.95, weightDecay: Float = 0) -> Kar {
        Kar(decays: [decay], weightDecay: weightDecay)
    }

    /// Moves every parameter of `model` by up to `rate` times one more than the number of averages.
    ///
    /// A gradient that is not a number makes the parameter not a number.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient, rate: Float) {
        prepare(for: model)
        model.forEachParameter { name, parameter in
            let component = gradient[name]
            // Moved out of the dictionary: a unique reference is updated in place.
            guard var own = averages.removeValue(forKey: name) else {
                fatalError("expected the model of the first update, without a parameter '\(name)'")
            }
            require(
                component.shape == parameter.shape && own.allSatisfy { $0.shape == parameter.shape },
                "expected gradient and averages of shape \(parameter.shape) for '\(name)', got "
                    + "\(component.shape) and \(own.map(\.shape))")
            let rate = rate * rateFactors[name, default: 1]
            if weightDecay > 0, decayedNames.contains(name) {
                parameter.updateScalars { scale($0, by: 1 - rate * weightDecay) }
            }
            parameter.descend(bySignsOf: component, averages: &own, decays: decays, rate: rate)
            averages[name] = own
        }
    }

    /// Makes the state that the first update would make: averages of zero for each parameter.
    public mutating func prepare<M: Module>(for model: M) {
        guard names.isEmpty else { return }
        for (name, parameter) in model.parameters {
            names.append(name)
            averages[name] = decays.map { _ in Tensor(shape: parameter.shape, repeating: 0) }
        }
        let rules = model.trainingRules
        rateFactors = rules.mapValues(\.rateFactor)
        decayedNames = (model as? any StructuredModule)?.weightNames ?? Set(names)
        decayedNames.subtract(rules.filter { !$0.value.decays }.keys)
    }

    /// Calls `body` with each average, named `average<j>.` and the parameter's name.
    public mutating func forEachState(_ body: (String, inout Tensor) throws -> Void) rethrows {
        for name in names {
            for index in decays.indices {
                try body("average\(index).\(name)", &averages[name]![index])
            }
        }
    }
}

private func scale(_ parameter: UnsafeMutableBufferPointer<Float>, by factor: Float) {
    for index in 0..<parameter.count { parameter[index] *= factor }
}
