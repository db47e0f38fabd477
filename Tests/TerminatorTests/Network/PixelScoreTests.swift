import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct PixelScoreTests {
    /// The gate is what the hyper interaction multiplies its input by.
    @Test(arguments: [[11], [5, 6]]) func areTheMeansOfTheGates(extents: [Int]) {
        var numbers = seededNumbers(31)
        let network = network(smallConfiguration(extents: extents))
        let input = numbers.tensor([3, 2] + extents)
        let scores = network.pixelScores(of: input)
        #expect(scores.map(\.shape) == Array(repeating: [3] + extents, count: 3))
        #expect(scores.allSatisfy { $0.scalars.allSatisfy { 0 < $0 && $0 < 1 } })

        var pass = ForwardPass()
        let hyper = network.blocks[0].maps(of: input, in: &pass).hyper.scalars
        let (values, size) = (input.scalars, extents.reduce(1, *))
        for (index, score) in scores[0].scalars.enumerated() {
            // Two channels; a quotient has the error of two roundings, their mean that of one more, near 1.
            let (sample, place) = (index / size, index % size)
            let gates = (0..<2).map { channel in
                let offset = (2 * sample + channel) * size + place
                return hyper[offset] / values[offset]
            }
            #expect(abs((gates[0] + gates[1]) / 2 - score) < 4 * Float.ulpOfOne, "place \(index)")
        }
    }

    /// Blocks read what the network reads: the last block's scores follow from the others' outputs.
    @Test func areThoseOfEvaluation() {
        var numbers = seededNumbers(32)
        var configuration = smallConfiguration()
        configuration.evaluationStatistics = .running(momentum: 0.1)
        var network = network(configuration)
        network.updateStatistics(from: network(numbers.tensor([8, 2, 11]), dropout: &numbers))
        let input = numbers.tensor([4, 2, 11])
        let together = network.pixelScores(of: input)
        for sample in 0..<4 {
            let alone = network.pixelScores(of: input.slice(alongAxis: 0, sample..<sample + 1))
            for (alone, together) in zip(alone, together) {
                #expect(alone.scalars == together.slice(alongAxis: 0, sample..<sample + 1).scalars)
            }
        }
    }
}
