import Convolution
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// With running statistics what a network says of a sample depends on that sample alone.
@Suite struct BatchIndependenceTests {
    static let configurations: [NetworkConfiguration] = {
        let forms = everyForm.map { form in
            var form = form
            form.evaluationStatistics = .running(momentum: 0.1)
            return form
        }
        var perSampleImages = NetworkConfiguration.digits(form: .image)
        perSampleImages.localContext = .perSample
        return forms + [
            smallConfiguration(extents: [1]), .digits(form: .sequence), .digits(form: .image),
            perSampleImages,
        ]
    }()

    private func input(_ configuration: NetworkConfiguration, _ numbers: inout RandomNumbers) -> Tensor {
        numbers.tensor([9, configuration.inputChannels] + configuration.extents)
    }

    private func trained(_ configuration: NetworkConfiguration, _ numbers: inout RandomNumbers) -> Network {
        var network = network(configuration)
        network.updateStatistics(from: network(input(configuration, &numbers), dropout: &numbers))
        return network
    }

    private func rows(_ logits: Tensor) -> [[UInt32]] {
        let classes = logits.shape[1]
        return (0..<logits.shape[0]).map { sample in
            logits.scalars[sample * classes..<(sample + 1) * classes].map(\.bitPattern)
        }
    }

    /// Alone, among others, and in any order: the same bits. Rows of convolutions do not share a transform, products of
    /// matrices are cut at the samples, and all sums run within one.
    @Test(arguments: configurations.indices)
    func everySampleHasItsOwnBits(index: Int) {
        var numbers = seededNumbers(UInt64(20 + index))
        let network = trained(Self.configurations[index], &numbers)
        let input = input(Self.configurations[index], &numbers)
        let together = rows(network(input).logits)
        for sample in 0..<9 {
            let alone = network(input.slice(alongAxis: 0, sample..<sample + 1)).logits
            #expect(rows(alone) == [together[sample]], "sample \(sample)")
        }
        for count in [2, 3, 4, 5, 8] {
            #expect(rows(network(input.slice(alongAxis: 0, 0..<count)).logits) == Array(together[..<count]))
        }
        let order = numbers.permutation(of: 9)
        let shuffled = Tensor.concatenated(
            order.map { input.slice(alongAxis: 0, $0..<$0 + 1) }, alongAxis: 0)
        #expect(rows(network(shuffled).logits) == order.map { together[$0] })
    }

    /// A neighbor that is not a number, or huge, does no harm either.
    @Test(arguments: configurations.indices, [Float.nan, .infinity, 1e30])
    func neighborsDoNotReach(index: Int, scalar: Float) {
        var numbers = seededNumbers(UInt64(40 + index))
        let network = trained(Self.configurations[index], &numbers)
        let input = input(Self.configurations[index], &numbers)
        let wild = Tensor(shape: [1] + input.shape.dropFirst(), repeating: scalar)
        let beside = Tensor.concatenated([input, wild], alongAxis: 0)
        #expect(rows(network(beside).logits).dropLast() == rows(network(input).logits)[...])
    }

    /// The authors' choice, and any network before its first batch: a sample's logits move with its neighbors.
    @Test(arguments: [true, false]) func theBatchsOwnStatisticsDependOnIt(isTrained: Bool) {
        var numbers = seededNumbers(30)
        var configuration = NetworkConfiguration.digits(form: .sequence)
        if isTrained { configuration.evaluationStatistics = .batch }
        let network = isTrained ? trained(configuration, &numbers) : network(configuration)
        let input = input(configuration, &numbers)
        let together = network(input).logits.slice(alongAxis: 0, 4..<5)
        let alone = network(input.slice(alongAxis: 0, 4..<5)).logits
        let largest = largestMagnitude(together.scalars.map(Double.init))
        #expect(largestDifference(together, alone) > 0.01 * largest)
    }
}
