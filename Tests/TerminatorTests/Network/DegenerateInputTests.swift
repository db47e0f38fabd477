import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Where a variance or a norm is zero, nothing may become infinite or no number, forward or backward.
@Suite struct DegenerateInputTests {
    static let configurations: [NetworkConfiguration] = {
        var configurations: [NetworkConfiguration] = []
        for extents in [[1], [1, 1], [2], [7], [1, 6], [3, 5]] {
            var perSample = smallConfiguration(extents: extents)
            perSample.localContext = .perSample
            var withoutFrequencies = smallConfiguration(extents: extents)
            withoutFrequencies.frequencies = .gamma(omega: 0)
            // Kernels of one sample, through many renormalizations.
            var deep = smallConfiguration(extents: extents)
            deep.localKernelSizes = [1, 1, 1, 1]
            deep.localSlowNet.layers = 6
            configurations += [
                smallConfiguration(extents: extents), smallAuthorsConfiguration(extents: extents), perSample,
                withoutFrequencies, deep,
            ]
        }
        return configurations.map { configuration in
            var configuration = configuration
            // One channel.
            configuration.inputChannels = 1
            configuration.blocks[0] = BlockConfiguration(channels: 1, expansion: 4)
            return configuration
        }
    }()

    /// Constant images of several sizes, and samples that differ but are constant each.
    private func inputs(_ shape: [Int], _ numbers: inout RandomNumbers) -> [(name: String, input: Tensor)] {
        let constants = numbers.tensor([shape[0]] + shape.dropFirst().map { _ in 1 })
        return [
            ("zero", Tensor(shape: shape, repeating: 0)), ("one", Tensor(shape: shape, repeating: 1)),
            ("small", Tensor(shape: shape, repeating: 1e-20)),
            ("large", Tensor(shape: shape, repeating: -1e4)),
            ("constant each", Tensor(shape: shape, repeating: 0) + constants),
            ("any", numbers.tensor(shape)),
        ]
    }

    private func loss(_ output: Network.Output, of network: Network, labels: [Int]) -> Tensor {
        output.logits.crossEntropy(labels: labels, smoothing: 0.09)
            + slowNeuralLoss(kernels: output.kernels)
            + slowNeuralLoss(kernels: output.kernels, form: .channelSums)
            + weightNormPenalty(of: network.parametersByPath)
    }

    @Test(arguments: configurations.indices, [1, 2])
    func networksStayFinite(index: Int, batch: Int) {
        var numbers = seededNumbers(2)
        let configuration = Self.configurations[index]
        let network = network(configuration)
        let labels = Array(repeating: 1, count: batch)
        for (name, input) in inputs([batch, 1] + configuration.extents, &numbers) {
            let (loss, gradient, output) = valueAndGradient(at: network) { network in
                let output = network(input, dropout: &numbers)
                return (self.loss(output, of: network, labels: labels), output)
            }
            #expect(isFinite(loss) && isFinite(output.logits), "\(name)")
            for (parameter, _) in network.parameters {
                #expect(isFinite(gradient[parameter]), "\(name): \(parameter)")
            }
            var trained = network
            trained.updateStatistics(from: output)
            #expect(isFinite(trained(input).logits), "\(name)")
        }
    }

    /// All parameters zero: every kernel, norm and variance is zero.
    @Test(arguments: configurations.indices)
    func networksOfZerosStayFinite(index: Int) {
        var numbers = seededNumbers(3)
        let configuration = Self.configurations[index]
        var network = network(configuration)
        network.forEachParameter { $1 = Tensor(shape: $1.shape, repeating: 0) }
        for (name, input) in inputs([2, 1] + configuration.extents, &numbers) {
            let (loss, gradient) = valueAndGradient(at: network) { network in
                self.loss(network(input), of: network, labels: [0, 1])
            }
            #expect(isFinite(loss), "\(name)")
            for (parameter, _) in network.parameters {
                #expect(isFinite(gradient[parameter]), "\(name): \(parameter)")
            }
        }
    }

    /// Training goes on from a degenerate batch to others.
    @Test(arguments: configurations.indices)
    func trainingGoesOn(index: Int) {
        var numbers = seededNumbers(4)
        let configuration = Self.configurations[index]
        var network = network(configuration)
        var optimizers: [any Optimizer] = [Kar.kar3(), Adam()]
        for optimizer in optimizers.indices {
            for (name, input) in inputs([2, 1] + configuration.extents, &numbers) {
                let (_, gradient, output) = valueAndGradient(at: network) { network in
                    let output = network(input, dropout: &numbers)
                    return (self.loss(output, of: network, labels: [0, 1]), output)
                }
                optimizers[optimizer].update(&network, along: gradient, rate: 0.01)
                network.updateStatistics(from: output)
                for (parameter, tensor) in network.parameters {
                    #expect(isFinite(tensor), "\(name): \(parameter)")
                }
            }
        }
    }
}
