import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct KarTests {
    /// Moves `parameters` along a prescribed gradient: that of ⟨p, g⟩ is g.
    private func update(
        _ parameters: inout Operands, with optimizer: inout Kar, gradient: [Float], rate: Float
    ) {
        let prescribed = Tensor(shape: [gradient.count], scalars: gradient)
        let (_, gradient) = valueAndGradient(at: parameters) { ($0.tensors[0] * prescribed).sum() }
        optimizer.update(&parameters, along: gradient, rate: rate)
    }

    /// Every number here is a binary fraction: the comparison is exact.
    @Test func kar3ByHand() {
        var parameters = Operands(tensors: [Tensor(shape: [3], scalars: [0, 1, -1])])
        var optimizer = Kar.kar3(decays: (0.5, 0.75))
        // The averages are 0: only the gradient's sign counts, and that of 0 is 0.
        update(&parameters, with: &optimizer, gradient: [2, -4, 0], rate: 0.25)
        #expect(parameters.tensors[0].scalars == [-0.25, 1.25, -1])
        // Averages 1, -2, 0 and 0.5, -1, 0 from before this gradient.
        update(&parameters, with: &optimizer, gradient: [-8, -1, 1], rate: 0.25)
        #expect(parameters.tensors[0].scalars == [-0.5, 2, -1.25])
        // Averages 0.5 · 1 + 0.5 · (-8) = -3.5 and 0.75 · 0.5 + 0.25 · (-8) = -1.625 for the first.
        var states: [String: [Float]] = [:]
        optimizer.forEachState { states[$0] = $1.scalars }
        #expect(states == ["average0.0": [-3.5, -1.5, 0.5], "average1.0": [-1.625, -1, 0.25]])
        update(&parameters, with: &optimizer, gradient: [1, 1, 0], rate: 0.5)
        #expect(parameters.tensors[0].scalars == [0, 2.5, -2.25])
    }

    @Test func kar2ByHand() {
        var parameters = Operands(tensors: [Tensor(shape: [2], scalars: [0, 0])])
        var optimizer = Kar.kar2(decay: 0.5)
        update(&parameters, with: &optimizer, gradient: [1, -1], rate: 1)
        update(&parameters, with: &optimizer, gradient: [1, 4], rate: 1)
        #expect(parameters.tensors[0].scalars == [-3, 1])
    }

    @Test func decayShrinksWeightsOnly() {
        var randomNumbers = RandomNumbers(seed: 1)
        var layer = PointwiseLayer(
            inputs: 1, outputs: 1, weight: .constant(2), bias: .constant(2), using: &randomNumbers)
        var optimizer = Kar.kar3(weightDecay: 0.5)
        optimizer.update(&layer, along: .zero(for: layer), rate: 0.5)
        #expect(layer.weight.scalars == [1.5])
        #expect(layer.bias?.scalars == [2])

        // Parameters of a module without roles all decay.
        var parameters = Operands(tensors: [Tensor(shape: [1], scalars: [2])])
        var other = Kar.kar3(weightDecay: 0.5)
        other.update(&parameters, along: .zero(for: parameters), rate: 0.5)
        #expect(parameters.tensors[0].scalars == [1.5])
    }

    /// Of a network the matrices of all layers decay, the classifier's too, and nothing else.
    @Test func decayShrinksANetworksWeightsOnly() {
        let before = network(smallConfiguration())
        var after = before
        var optimizer = Kar.kar3(weightDecay: 0.5)
        optimizer.update(&after, along: .zero(for: after), rate: 0.5)
        for (old, new) in zip(before.parametersByPath, after.parametersByPath) {
            let factor: Float = old.path.isWeight ? 0.75 : 1
            #expect(new.tensor.scalars == old.tensor.scalars.map { $0 * factor }, "\(old.path.name)")
        }
        #expect(NetworkPath.classifier(.weight).isWeight && !NetworkPath.classifier(.bias).isWeight)
        // As the names say, which are the authors' convention.
        #expect(before.weightNames == Set(before.parameters.map(\.name).filter { $0.hasSuffix("weight") }))
    }

    @Test func aGradientThatIsNotANumberShows() {
        var parameters = Operands(tensors: [Tensor(shape: [2], scalars: [1, 1])])
        var optimizer = Kar.kar3()
        update(&parameters, with: &optimizer, gradient: [.nan, 1], rate: 0.5)
        #expect(parameters.tensors[0].scalars[0].isNaN)
        #expect(parameters.tensors[0].scalars[1] == 0.5)
    }

    /// A state that was taken out and put into a prepared optimizer continues with the same bits.
    @Test func stateCanBeRestored() {
        var numbers = seededNumbers()
        var parameters = Operands(tensors: [numbers.tensor([5])])
        var optimizer = Kar.kar3()
        update(&parameters, with: &optimizer, gradient: numbers.tensor([5]).scalars, rate: 0.1)
        var saved: [String: Tensor] = [:]
        optimizer.forEachState { saved[$0] = $1 }

        var restored = Kar.kar3()
        restored.prepare(for: parameters)
        restored.forEachState { $1 = saved[$0]! }
        var copy = parameters
        let gradient = numbers.tensor([5]).scalars
        update(&parameters, with: &optimizer, gradient: gradient, rate: 0.1)
        update(&copy, with: &restored, gradient: gradient, rate: 0.1)
        #expect(haveSameParameters(parameters, copy))
        #expect(saved.count == 2)
    }
}
