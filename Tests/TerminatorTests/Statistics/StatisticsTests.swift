import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct StatisticsTests {
    @Test func observedStatisticsHaveTheirShapes() {
        for configuration in everyForm {
            var numbers = seededNumbers(5)
            let network = network(configuration)
            let output = network(numbers.tensor([2, 2] + configuration.extents), dropout: &numbers)
            let expected = configuration.evaluationStatistics == .batch ? [:] : network.statisticsShapes
            #expect(output.statistics.mapValues(\.shape) == expected)
        }
    }

    /// After one batch the averages are that batch's: evaluation repeats what training computed. The means are
    /// subtracted in another order: rounding is all that may differ.
    @Test(arguments: [[11], [5, 6]])
    func evaluationWithOneBatchsStatisticsIsThatOfTheBatch(extents: [Int]) {
        var numbers = seededNumbers(6)
        var configuration = smallConfiguration(extents: extents)
        for index in configuration.blocks.indices { configuration.blocks[index].dropout = 0 }
        var network = network(configuration)
        let input = numbers.tensor([5, 2] + extents)
        let output = network(input, dropout: &numbers)
        network.updateStatistics(from: output)
        // In each of three blocks the local kernels' context, a local branch and the bottleneck subtract a mean and
        // multiply by one over a deviation, made in one of the two ways: four roundings each.
        let error = network.roundingError(inputs: [input], roundings: 3 * 3 * 4) { network, inputs in
            var network = network
            network.statistics = RunningStatistics()
            return network(inputs[0]).logits
        }
        #expect(largestDifference(network(input).logits, output.logits) <= error)
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
        let largest = largestMagnitude(network(alone).logits.scalars.map(Double.init))
        #expect(difference() > 0.01 * largest)
        network.updateStatistics(from: network(input, dropout: &numbers))
        #expect(difference() == 0)
    }

    @Test func runningStatisticsAverage() {
        var statistics = RunningStatistics()
        func value(_ scalar: Float) -> [String: Tensor] { ["m": Tensor(shape: [1], scalars: [scalar])] }
        // At first all batches weigh the same, in the end the last one a quarter.
        for scalar: Float in [8, 4, 0] { statistics.add(value(scalar), momentum: 0.25) }
        // The third of the third batch's weight, its product with 6 and the sum are rounded.
        let tolerance = 3 * Float.ulpOfOne / 2 * 6
        #expect(abs(statistics.values["m"]!.scalar - 4) <= tolerance)
        for scalar: Float in [4, 8] { statistics.add(value(scalar), momentum: 0.25) }
        #expect(abs(statistics.values["m"]!.scalar - 5) <= 2 * tolerance)
        #expect(statistics.batchCount == 5)
    }

    /// An average of equal values is that value: it moves by the weighted difference, which is zero.
    @Test func runningStatisticsOfAConstantAreConstant() {
        var statistics = RunningStatistics()
        let value = Tensor(shape: [2], scalars: [0.1, 1e6])
        for _ in 0..<100 { statistics.add(["m": value], momentum: 0.1) }
        #expect(statistics.values["m"]!.scalars == value.scalars)
    }
}
