import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct ChoiceTests {
    /// The authors' order cancels the gate, but for epsilon; the other does not.
    @Test func theGateActsBehindTheStandardization() {
        for (order, acts) in [(GateOrder.beforeStandardization, false), (.afterStandardization, true)] {
            var numbers = seededNumbers(8)
            var configuration = smallConfiguration()
            configuration.gateOrder = order
            var block = network(configuration).blocks[0]
            let input = 2 + 3 * numbers.tensor([3, 2, 11])
            var pass = ForwardPass()
            let before = block.maps(of: input, in: &pass).weighted
            block.channelInteraction.slowNet.output.bias = Tensor(shape: [1], scalars: [0.5])
            let after = block.maps(of: input, in: &pass).weighted
            #expect((largestDifference(before, after) > 0.1) == acts)
        }
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
            // Numbers of at most 3: five roundings in each of the planes, and along each axis a weight's, two products'
            // and a sum's.
            let tolerance = Double(2 * 5 + 2 * 4) * floatEpsilon / 2 * 3
            #expect(
                largestDifference(plane(5, 4).resampled(to: [rows, columns]), plane(rows, columns))
                    <= tolerance)
        }
        let line = Tensor(shape: [3], scalars: [0, 4, 6])
        #expect(line.resampled(to: [5]).scalars == [0, 2, 4, 5, 6])
        #expect(line.resampled(to: [1]).scalars == [0])
        #expect(Tensor(shape: [1], scalars: [7]).resampled(to: [3]).scalars == [7, 7, 7])
    }

    /// Samples and channels are resampled each by itself.
    @Test func resamplingLeavesBatchAndChannelsAlone() {
        var numbers = seededNumbers(12)
        let batch = numbers.tensor([2, 3, 4, 5])
        let fine = batch.resampled(to: [7, 9])
        #expect(fine.shape == [2, 3, 7, 9])
        // Along each axis two products and a sum, rounded in one order alone and in another together.
        let tolerance =
            Double(2 * 2 * 3) * floatEpsilon / 2 * largestMagnitude(batch.scalars.map(Double.init))
        for sample in 0..<2 {
            for channel in 0..<3 {
                func plane(_ batch: Tensor) -> Tensor {
                    let one = batch.slice(alongAxis: 0, sample..<sample + 1)
                        .slice(alongAxis: 1, channel..<channel + 1)
                    return one.reshaped(to: Array(batch.shape[2...]))
                }
                #expect(largestDifference(plane(batch).resampled(to: [7, 9]), plane(fine)) <= tolerance)
            }
        }
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
        // The renormalizations' two products and sum, three roundings, in each of two layers and two networks.
        let error = constant.roundingError(inputs: [input], roundings: 12) { $0($1[0]).logits }
        #expect(largestDifference(trained(input).logits, constant(input).logits) <= error)
    }
}
