import Convolution
import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct NetworkTests {
    private func isFinite(_ tensor: Tensor) -> Bool { tensor.scalars.allSatisfy(\.isFinite) }

    private func network(_ configuration: NetworkConfiguration, seed: UInt64 = 1) -> Network {
        var numbers = RandomNumbers(seed: seed)
        return Network(configuration, using: &numbers)
    }

    static let everyForm: [NetworkConfiguration] = {
        var causal = smallConfiguration()
        causal.globalInteraction = .convolution(.causal)
        var perSample = smallConfiguration()
        perSample.localContext = .perSample
        var withoutSpatialBias = smallConfiguration()
        withoutSpatialBias.spatialBias = .absent
        return [
            smallConfiguration(), smallConfiguration(extents: [5, 6]), causal, perSample, withoutSpatialBias,
            smallAuthorsConfiguration(extents: [11]), smallAuthorsConfiguration(extents: [6, 6]),
        ]
    }()

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

    /// Where a variance is zero nothing may become infinite or no number, forward or backward.
    @Test(arguments: [[1], [1, 1], [7], [3, 5]], [1, 2])
    func degenerateInputsStayFinite(extents: [Int], batch: Int) {
        var numbers = seededNumbers(2)
        for authors in [true, false] {
            var configuration = smallConfiguration(extents: extents)
            if authors { configuration = smallAuthorsConfiguration(extents: extents) }
            // One channel.
            configuration.inputChannels = 1
            configuration.blocks[0] = BlockConfiguration(channels: 1, expansion: 4)
            let network = network(configuration)
            let shape = [batch, 1] + extents
            let inputs = [
                Tensor(shape: shape, repeating: 0), Tensor(shape: shape, repeating: 3), numbers.tensor(shape),
            ]
            for input in inputs {
                let (loss, gradient, output) = valueAndGradient(at: network) { network in
                    let output = network(input, dropout: &numbers)
                    return (output.logits.crossEntropy(labels: Array(repeating: 1, count: batch)), output)
                }
                #expect(isFinite(loss) && isFinite(output.logits))
                for (name, _) in network.parameters { #expect(isFinite(gradient[name]), "\(name)") }
                var trained = network
                trained.updateStatistics(from: output)
                #expect(isFinite(trained(input).logits))
            }
        }
    }

    /// The same bits for any number of threads: forward and backward.
    @Test func threadsDoNotChangeResults() {
        var numbers = seededNumbers(3)
        let network = network(.digits(form: .sequence))
        let input = numbers.tensor([16, 1, 64])
        let labels = (0..<16).map { $0 % 10 }
        func run(threads: Int) -> (Tensor, Gradient) {
            let before = Threads.count
            Threads.count = threads
            defer { Threads.count = before }
            return valueAndGradient(at: network) { $0(input).logits.crossEntropy(labels: labels) }
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
        await #expect(processExitsWith: .failure) {
            var numbers = RandomNumbers(seed: 1)
            _ = Network(smallConfiguration(), using: &numbers)(numbers.tensor([1, 3, 11]))
        }
        await #expect(processExitsWith: .failure) {
            var numbers = RandomNumbers(seed: 1)
            _ = Network(smallAuthorsConfiguration(extents: [11]), using: &numbers)(
                numbers.tensor([1, 2, 12]))
        }
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
                    #expect(abs(dropped[index] - kept[index] / 0.75) <= 1e-5 * abs(kept[index]))
                }
            }
        }
        // Of 600 channels 150, within five standard deviations (10.6 each).
        #expect(abs(droppedCount - 150) <= 53)
    }
}

// MARK: - Statistics

extension NetworkTests {
    @Test func observedStatisticsHaveTheirShapes() {
        for configuration in Self.everyForm {
            var numbers = seededNumbers(5)
            let network = network(configuration)
            let output = network(numbers.tensor([2, 2] + configuration.extents), dropout: &numbers)
            let expected = configuration.evaluationStatistics == .batch ? [:] : network.statisticsShapes
            #expect(output.statistics.mapValues(\.shape) == expected)
        }
    }

    /// After one batch the averages are that batch's: evaluation repeats what training computed. The means are subtracted
    /// in another order: rounding is all that may differ.
    @Test(arguments: [[11], [5, 6]])
    func evaluationWithOneBatchsStatisticsIsThatOfTheBatch(extents: [Int]) {
        var numbers = seededNumbers(6)
        var configuration = smallConfiguration(extents: extents)
        for index in configuration.blocks.indices { configuration.blocks[index].dropout = 0 }
        var network = network(configuration)
        let input = numbers.tensor([5, 2] + extents)
        let output = network(input, dropout: &numbers)
        network.updateStatistics(from: output)
        #expect(largestDifference(network(input).logits, output.logits) <= 1e-4)
    }

    /// With running statistics an input's answer does not depend on its neighbors; with the batch's own it does.
    @Test(arguments: [LocalContext.batchMean, .perSample])
    func anAnswerDoesNotDependOnTheBatch(context: LocalContext) {
        var numbers = seededNumbers(7)
        var configuration = smallConfiguration()
        configuration.localContext = context
        var network = network(configuration)
        let input = numbers.tensor([5, 2, 11])
        let alone = input.slice(alongAxis: 0, 2..<3)
        func difference() -> Double {
            largestDifference(network(input).logits.slice(alongAxis: 0, 2..<3), network(alone).logits)
        }
        #expect(difference() > 1e-3)
        network.updateStatistics(from: network(input, dropout: &numbers))
        #expect(difference() <= 1e-5)
    }

    @Test func runningStatisticsAverage() {
        var statistics = RunningStatistics()
        func value(_ scalar: Float) -> [String: Tensor] { ["m": Tensor(shape: [1], scalars: [scalar])] }
        // At first all batches weigh the same, in the end the last one a quarter.
        for scalar: Float in [8, 4, 0] { statistics.add(value(scalar), momentum: 0.25) }
        #expect(abs(statistics.values["m"]!.scalar - 4) <= 1e-6)
        for scalar: Float in [4, 8] { statistics.add(value(scalar), momentum: 0.25) }
        #expect(abs(statistics.values["m"]!.scalar - 5) <= 1e-6)
        #expect(statistics.batchCount == 5)
    }
}

// MARK: - Choices

extension NetworkTests {
    /// The authors' order cancels the gate, but for epsilon; the other does not.
    @Test func theGateActsBehindTheStandardization() {
        for (order, acts) in [(GateOrder.beforeStandardization, false), (.afterStandardization, true)] {
            var numbers = seededNumbers(8)
            var configuration = smallConfiguration()
            configuration.gateOrder = order
            var block = network(configuration).blocks[0]
            let input = 2 + 3 * numbers.tensor([3, 2, 11])
            var statistics = BatchStatistics()
            let before = block.maps(of: input, statistics: &statistics).weighted
            block.channelInteraction.slowNet.output.bias = Tensor(shape: [1], scalars: [0.5])
            let after = block.maps(of: input, statistics: &statistics).weighted
            #expect((largestDifference(before, after) > 0.1) == acts)
        }
    }

    /// On a grid with every second point in common a kernel without spatial bias has the same values there.
    @Test(arguments: [[9], [4, 6]])
    func kernelsAreResampled(extents: [Int]) {
        var numbers = seededNumbers(9)
        var slowNet = MultiplicativeFilterNetwork(
            extents: extents, outputs: 2, size: SlowNetSize(hidden: 4, layers: 2),
            frequencies: .belowNyquist(fraction: 0.5), using: &numbers)
        slowNet.disturb(deviation: 0.3, using: &numbers)
        let fine = slowNet.kernel(extents: extents.map { 2 * $0 - 1 })
        // Every second sample of the fine kernel.
        var coarse = fine.scalars
        var shape = fine.shape
        for axis in 1..<shape.count {
            let inner = shape[(axis + 1)...].reduce(1, *)
            coarse = coarse.indices.filter { $0 / inner % shape[axis] % 2 == 0 }.map { coarse[$0] }
            shape[axis] = (shape[axis] + 1) / 2
        }
        let kernel = slowNet.kernel()
        #expect(shape == kernel.shape)
        // Linear interpolation hits the spatial bias's own samples; the coordinates agree to a few ε.
        #expect(largestDifference(kernel, Tensor(shape: shape, scalars: coarse)) <= 1e-5)
    }

    @Test(arguments: [[11], [5, 6]])
    func anotherSizeIsRead(extents: [Int]) {
        var numbers = seededNumbers(10)
        let configuration = smallConfiguration(extents: extents)
        var network = network(configuration)
        network.updateStatistics(from: network(numbers.tensor([4, 2] + extents), dropout: &numbers))
        for change in [-2, 3] {
            let logits = network(numbers.tensor([2, 2] + extents.map { $0 + change })).logits
            #expect(logits.shape == [2, 3] && isFinite(logits))
        }
    }

    /// A linear function is resampled exactly.
    @Test func resamplingIsLinear() {
        func plane(_ rows: Int, _ columns: Int) -> Tensor {
            Tensor(shape: [rows, columns]) { scalars in
                for index in scalars.indices {
                    let row = Float(index / columns) / Float(max(1, rows - 1))
                    let column = Float(index % columns) / Float(max(1, columns - 1))
                    scalars[index] = 3 * row - 2 * column
                }
            }
        }
        for (rows, columns) in [(3, 9), (8, 2), (1, 5), (5, 1)] {
            #expect(
                largestDifference(plane(5, 4).resampled(to: [rows, columns]), plane(rows, columns)) <= 1e-6)
        }
        let line = Tensor(shape: [3], scalars: [0, 4, 6])
        #expect(line.resampled(to: [5]).scalars == [0, 2, 4, 5, 6])
        #expect(line.resampled(to: [1]).scalars == [0])
        #expect(Tensor(shape: [1], scalars: [7]).resampled(to: [3]).scalars == [7, 7, 7])
    }

    /// Trained α and β at the constants' values compute the same.
    @Test func trainedRenormalizationStartsAtTheConstants() {
        var numbers = seededNumbers(11)
        var configuration = smallConfiguration()
        configuration.renormalization.isTrained = true
        let trained = network(configuration)
        configuration.renormalization.isTrained = false
        let constant = network(configuration)
        let input = numbers.tensor([3, 2, 11])
        #expect(largestDifference(trained(input).logits, constant(input).logits) <= 1e-4)
    }
}

// MARK: - Losses

extension NetworkTests {
    @Test func slowNeuralLossByHand() {
        let shallow = Tensor(shape: [1, 2], scalars: [1, 2])
        let deep = Tensor(shape: [2, 2], scalars: [1, 4, 3, 2])
        let deeper = Tensor(shape: [2, 2], scalars: [0, 4, 3, 3])
        // Differences 0 2, 2 0; 1 2, 2 1; 1 0, 0 1: mean squares 2, 2.5 and 0.5.
        #expect(slowNeuralLoss(kernels: [shallow, deep, deeper]).scalar == 5)
        // Sums 1 2, 4 6 and 3 7: mean squares 12.5, 14.5 and 1.
        #expect(slowNeuralLoss(kernels: [shallow, deep, deeper], form: .channelSums).scalar == 28)
        #expect(slowNeuralLoss(kernels: [shallow]).scalar == 0)
    }

    /// A vector (3, 4) has the norm 5, wherever it stands in the network.
    @Test func weightNormPenaltyByHand() {
        func penalty(_ name: String) -> Float {
            weightNormPenalty(of: [(name, Tensor(shape: [2], scalars: [3, 4]))], coefficient: 2).scalar
        }
        #expect(penalty("blocks.3.bottleneck.bias") == 10)
        #expect(penalty("blocks.3.localBranches.0.offset") == 10)
        #expect(penalty("blocks.3.globalSlowNet.output.weight") == 1e-5)
        #expect(penalty("blocks.3.globalSlowNet.output.bias") == 0)
        #expect(penalty("blocks.3.offset") == 0)
        #expect(penalty("classifier.weight") == 0)
    }
}
