import Convolution
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Blocks whose maps are computed again for the gradient.
@Suite struct CheckpointingTests {
    /// The loss of a training step, with every output in it, its gradient, and the statistics it took.
    private func step(
        _ network: Network, _ checkpointing: Checkpointing, input: Tensor
    ) -> (loss: Tensor, gradient: Gradient, output: Network.Output) {
        var configuration = network.configuration
        configuration.checkpointing = checkpointing
        var numbers = RandomNumbers(seed: 7)
        var copy = Network(configuration, using: &numbers)
        var parameters = network.parameters.map(\.tensor)
        copy.forEachParameter { $1 = parameters.removeFirst() }
        var drawn = RandomNumbers(seed: 8)
        let (value, gradient, output) = valueAndGradient(at: copy) { model in
            let output = model(input, dropout: &drawn)
            let kernels = output.kernels.reduce(Tensor(0)) { $0 + $1.squared().mean() }
            return (
                output.logits.squared().mean() + kernels + slowNeuralLoss(kernels: output.kernels), output
            )
        }
        return (value, gradient, output)
    }

    /// The same values, statistics and gradients, to the last bit, for every form of network, with skips and dropout.
    @Test(arguments: everyForm.indices) func gradientsHaveTheSameBits(index: Int) {
        var numbers = seededNumbers(UInt64(index))
        var network = network(everyForm[index])
        network.disturb(deviation: 0.05, using: &numbers)
        let input = numbers.tensor([3, network.configuration.inputChannels] + network.configuration.extents)
        let kept = step(network, .none, input: input)
        let again = step(network, .blocks, input: input)
        #expect(kept.loss.scalars == again.loss.scalars)
        #expect(kept.output.logits.scalars == again.output.logits.scalars)
        #expect(kept.output.statistics.keys == again.output.statistics.keys)
        for (name, statistic) in kept.output.statistics {
            #expect(again.output.statistics[name]?.scalars == statistic.scalars, "\(name)")
        }
        #expect(kept.gradient.unused == again.gradient.unused)
        for (name, component) in kept.gradient.components {
            #expect(again.gradient[name].scalars == component.scalars, "\(name)")
        }
    }

    /// What a step takes from the memory pool for each further block: with recomputation the block's output, its kernel and their
    /// cotangents, which are less than a tenth of its maps. In a process of its own: the pool is everyone's.
    @Test func memoryDoesNotGrowWithDepth() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            Threads.count = 1
            /// The bytes of a step with a network of that number of equal blocks.
            func bytes(_ blocks: Int, _ checkpointing: Checkpointing) -> Int {
                var configuration = smallConfiguration(extents: [20_000])
                configuration.blocks = (0..<blocks).map { _ in
                    BlockConfiguration(channels: 4, expansion: 1)
                }
                configuration.inputChannels = 4
                configuration.checkpointing = checkpointing
                let network = network(configuration)
                var numbers = RandomNumbers(seed: 3)
                let input = numbers.tensor([2, 4, 20_000])
                Memory.releasePool()
                _ = valueAndGradient(at: network) {
                    var drawn = RandomNumbers(seed: 4)
                    return $0(input, dropout: &drawn).logits.squared().mean()
                }
                return Memory.pooledByteCount
            }
            // Plans are made, and keep memory of their own.
            _ = bytes(1, .none)
            let (kept2, kept6) = (bytes(2, .none), bytes(6, .none))
            let (again2, again6) = (bytes(2, .blocks), bytes(6, .blocks))
            let map = 4 * 2 * 4 * 20_000
            let (keptGrowth, growth) = ((kept6 - kept2) / 4, (again6 - again2) / 4)
            let bytes =
                "2 and 6 blocks: kept \(kept2), \(kept6); computed again \(again2), \(again6); a map \(map)\n"
            FileHandle.standardError.write(Data(bytes.utf8))
            #expect(growth <= 4 * map && 10 * growth < keptGrowth && again6 < kept2)
        }
        print(String(decoding: result?.standardErrorContent ?? [], as: UTF8.self))
    }

    /// Recomputation has no effect on evaluation.
    @Test func evaluationIsTheSame() {
        var numbers = seededNumbers()
        var configuration = smallConfiguration().causal()
        configuration.checkpointing = .blocks
        let input = numbers.tensor([2, 2, 11])
        #expect(
            network(configuration)(input).logits.scalars
                == network(smallConfiguration().causal())(input).logits.scalars)
    }
}
