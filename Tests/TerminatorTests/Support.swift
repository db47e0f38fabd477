import Tensors
import TestSupport
import Testing

@testable import Terminator

/// A small network of the default choices.
func smallConfiguration(extents: [Int] = [11]) -> NetworkConfiguration {
    var configuration = NetworkConfiguration(
        extents: extents, inputChannels: 2, classCount: 3,
        blocks: [
            BlockConfiguration(channels: 2, expansion: 2, dropout: 0.25),
            BlockConfiguration(channels: 4, expansion: 1, skips: [0]),
            BlockConfiguration(channels: 4, expansion: 2, skips: [1, 0]),
        ])
    configuration.standardizationGroups = 4
    configuration.globalHidden = 4
    configuration.localSlowNet = SlowNetSize(hidden: 3, layers: 2)
    configuration.channelSlowNet = SlowNetSize(hidden: 3, layers: 1)
    configuration.interactionChannelSlowNet = SlowNetSize(hidden: 3, layers: 1)
    configuration.interactionSpatialSlowNet = SlowNetSize(hidden: 3, layers: 2)
    return configuration
}

/// The same sizes with the authors' choices.
func smallAuthorsConfiguration(extents: [Int]) -> NetworkConfiguration {
    let small = smallConfiguration(extents: extents)
    var configuration = NetworkConfiguration.authors(
        extents: extents, inputChannels: small.inputChannels, classCount: small.classCount,
        blocks: small.blocks, omega: 1)
    configuration.standardizationGroups = small.standardizationGroups
    configuration.globalHidden = small.globalHidden
    configuration.localSlowNet = small.localSlowNet
    configuration.channelSlowNet = small.channelSlowNet
    configuration.interactionChannelSlowNet = small.interactionChannelSlowNet
    configuration.interactionSpatialSlowNet = small.interactionSpatialSlowNet
    if extents.count == 1 || extents[0] != extents[1] {
        configuration.globalInteraction = .convolution(.centred)
    }
    return configuration
}

/// One configuration for each way a network can be made.
let everyForm: [NetworkConfiguration] = {
    var causal = smallConfiguration()
    causal.globalInteraction = .convolution(.causal)
    var perSample = smallConfiguration()
    perSample.localContext = .perSample
    var withoutSpatialBias = smallConfiguration()
    withoutSpatialBias.spatialBias = .absent
    return [
        smallConfiguration(), smallConfiguration(extents: [5, 6]), causal, perSample, withoutSpatialBias,
        smallAuthorsConfiguration(extents: [11]), smallAuthorsConfiguration(extents: [6, 6]),
        smallConfiguration().causal(), smallConfiguration().causal(statistics: .frozen),
    ]
}()

/// A network of a configuration.
func network(_ configuration: NetworkConfiguration, seed: UInt64 = 1) -> Network {
    var numbers = RandomNumbers(seed: seed)
    return Network(configuration, using: &numbers)
}

func isFinite(_ tensor: Tensor) -> Bool { tensor.scalars.allSatisfy(\.isFinite) }

/// Two modules of one kind, or one at two times, have the same parameters to the last bit.
func haveSameParameters<M: Module>(_ left: M, _ right: M) -> Bool {
    left.parameters.elementsEqual(right.parameters) {
        $0.name == $1.name && $0.tensor.shape == $1.tensor.shape && $0.tensor.scalars == $1.tensor.scalars
    }
}

extension Module {
    /// Adds normally distributed numbers to every parameter, so that none is tested at zero only.
    mutating func disturb(deviation: Float, using numbers: inout RandomNumbers) {
        forEachParameter { $1 = $1 + numbers.tensor($1.shape, deviation: deviation) }
    }

    /// How far rounding moves the scalars of `function`: the largest over them of
    ///
    ///     roundings · ε / 2 · √(Σ (x ∂y/∂x)²),
    ///
    /// summed over the scalars x of all inputs and parameters.
    ///
    /// The bound is that of a backward error analysis: a rounding of a product acts as a relative change of its factor
    /// by at most ε / 2, one of a sum as such a change of each term. The changes of different scalars are independent,
    /// so their effects add as squares; `roundings` is about how many of them a scalar meets on its way. What a
    /// function detaches from differentiation is left out and must be made up for by a larger number.
    ///
    /// An estimate above a thousandth of the result could let a fault pass and is recorded as an issue.
    func roundingError(
        inputs: [Tensor] = [], roundings: Double, of function: (Self, [Tensor]) -> Tensor
    ) -> Double {
        let operands = Operands(tensors: inputs + parameters.map(\.tensor))
        func value(_ operands: Operands) -> Tensor {
            var module = self
            var parameters = operands.tensors[inputs.count...]
            module.forEachParameter { $1 = parameters.removeFirst() }
            return function(module, Array(operands.tensors.prefix(inputs.count)))
        }
        let result = value(operands)
        let squares = (0..<result.count).map { index in
            let chosen = Tensor(
                shape: result.shape, scalars: (0..<result.count).map { $0 == index ? 1 : 0 })
            let (_, gradient) = valueAndGradient(at: operands) { (value($0) * chosen).sum() }
            return operands.tensors.enumerated().reduce(0.0) { sum, operand in
                zip(operand.element.scalars, gradient["\(operand.offset)"].scalars).reduce(sum) {
                    let term = Double($1.0) * Double($1.1)
                    return $0 + term * term
                }
            }
        }
        let error = roundings * floatEpsilon / 2 * squares.max()!.squareRoot()
        #expect(error <= 1e-3 * largestMagnitude(result.scalars.map(Double.init)), "a blunt tolerance")
        return error
    }

    /// What finite differences do not confirm of the gradients with respect to inputs and each parameter.
    func gradientMismatches(
        inputs: [Tensor], step: Float = 0x1p-4, roundings: Double = 16, _ function: (Self, [Tensor]) -> Tensor
    ) -> [GradientMismatch] {
        let operands = inputs + parameters.map(\.tensor)
        return TestSupport.gradientMismatches(of: operands, step: step, roundings: roundings) { operands in
            var module = self
            var parameters = operands[inputs.count...]
            module.forEachParameter { $1 = parameters.removeFirst() }
            return function(module, Array(operands.prefix(inputs.count)))
        }
    }

    /// The same with all parameters moved at once: for modules with parameters so weak that the differences for one
    /// alone drown in rounding.
    func joinedGradientMismatches(
        inputs: [Tensor], step: Float, roundings: Double, _ function: (Self, [Tensor]) -> Tensor
    ) -> [GradientMismatch] {
        let all = Tensor.concatenated(
            parameters.map { $0.tensor.reshaped(to: [$0.tensor.count]) }, alongAxis: 0)
        return TestSupport.gradientMismatches(of: inputs + [all], step: step, roundings: roundings) {
            operands in
            var module = self
            var start = 0
            module.forEachParameter { _, parameter in
                let range = start..<start + parameter.count
                parameter = operands[inputs.count].slice(alongAxis: 0, range).reshaped(to: parameter.shape)
                start = range.upperBound
            }
            return function(module, Array(operands.prefix(inputs.count)))
        }
    }
}
