import Convolution
import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct NetworkTests {
    /// Shapes, and a gradient for every parameter.
    @Test(arguments: everyForm)
    func everyParameterTakesPart(configuration: NetworkConfiguration) {
        var numbers = seededNumbers()
        let network = network(configuration)
        let input = numbers.tensor([4, 2] + configuration.extents)
        let (_, gradient, output) = valueAndGradient(at: network) { network in
            let output = network(input, dropout: &numbers)
            return (
                output.logits.crossEntropy(labels: [0, 1, 2, 1]) + slowNeuralLoss(kernels: output.kernels),
                output
            )
        }
        #expect(output.logits.shape == [4, 3])
        #expect(output.kernels.map(\.shape) == [2, 4, 4].map { [$0] + configuration.extents })
        #expect(gradient.unused == [])
        for (name, parameter) in network.parameters {
            #expect(gradient[name].shape == parameter.shape && isFinite(gradient[name]), "\(name)")
        }
    }

    /// The classifier is linear: the mean of its answers for the positions is its answer for the mean. One of the
    /// two sums first, so that they differ by roundings of the 8 products and of the sum over the positions.
    @Test(arguments: [[11], [5, 6]]) func readsEachPosition(extents: [Int]) {
        var numbers = seededNumbers()
        var configuration = smallConfiguration(extents: extents)
        let pooled = network(configuration)
        configuration.readout = .positions
        let positional = network(configuration)
        let input = numbers.tensor([4, 2] + extents)
        let logits = positional(input).logits
        #expect(logits.shape == [4, 3] + extents)
        let means = logits.mean(overAxes: Array(2..<logits.rank))
        let magnitude = largestMagnitude(logits.scalars.map(Double.init))
        let roundings = Double(8 + extents.reduce(1, *))
        #expect(
            largestDifference(means, pooled(input).logits)
                <= roundings * floatEpsilon * 8 * magnitude)
        let labels = (0..<4 * extents.reduce(1, *)).map { $0 % 3 }
        let (_, gradient) = valueAndGradient(at: positional) {
            $0(input, dropout: &numbers).logits.crossEntropy(labels: labels)
        }
        #expect(gradient.unused == [])
    }

    /// The same bits for any number of threads: forward and backward.
    @Test func threadsDoNotChangeResults() {
        var numbers = seededNumbers(3)
        let network = network(.digits(form: .sequence))
        let input = numbers.tensor([16, 1, 64])
        let labels = (0..<16).map { $0 % 10 }
        func run(threads: Int) -> (Tensor, Gradient) {
            Threads.withCount(threads) {
                valueAndGradient(at: network) { $0(input).logits.crossEntropy(labels: labels) }
            }
        }
        let (one, gradientOfOne) = run(threads: 1)
        let (three, gradientOfThree) = run(threads: 3)
        #expect(one.scalars == three.scalars)
        for (name, _) in network.parameters {
            #expect(gradientOfOne[name].scalars == gradientOfThree[name].scalars, "\(name)")
        }
    }

    @Test func anotherSeedIsAnotherNetwork() {
        #expect(haveSameParameters(network(smallConfiguration()), network(smallConfiguration())))
        #expect(!haveSameParameters(network(smallConfiguration()), network(smallConfiguration(), seed: 2)))
    }

    @Test func aWrongInputTraps() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = Network(smallConfiguration(), using: &numbers)(numbers.tensor([1, 3, 11]))
        }
        #expect(says("expected a batch of inputs", first?.standardErrorContent))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = Network(smallAuthorsConfiguration(extents: [11]), using: &numbers)(
                numbers.tensor([1, 2, 12]))
        }
        #expect(says("expected a batch of inputs", second?.standardErrorContent))
    }
}

// MARK: - Dropout

extension NetworkTests {
    /// Whole channels of a block's output are zero, the others scaled so that the mean stays.
    @Test func dropoutDropsWholeChannels() {
        var numbers = seededNumbers(4)
        var configuration = smallAuthorsConfiguration(extents: [11])
        configuration.blocks = [BlockConfiguration(channels: 2, expansion: 6, dropout: 0.25)]
        let network = network(configuration)
        let input = numbers.tensor([50, 2, 11])
        let kept = network(input).features[0].scalars
        let dropped = network(input, dropout: &numbers).features[0].scalars
        var droppedCount = 0
        for channel in 0..<50 * 12 {
            let range = channel * 11..<(channel + 1) * 11
            let isZero = dropped[range].allSatisfy { $0 == 0 }
            droppedCount += isZero ? 1 : 0
            if !isZero {
                for index in range {
                    // The factor, its product and the quotient here are rounded, each by at most ε / 2 of 4/3 kept.
                    let tolerance = 3 * Float.ulpOfOne / 2 * 4 / 3 * abs(kept[index])
                    #expect(abs(dropped[index] - kept[index] / 0.75) <= tolerance)
                }
            }
        }
        // Of 600 channels 150, within five standard deviations (10.6 each).
        #expect(abs(droppedCount - 150) <= 53)
    }
}
