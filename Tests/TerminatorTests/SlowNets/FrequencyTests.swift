import Tensors
import Testing

@testable import Terminator

@Suite struct FrequencyTests {
    /// No product of a slow net's sines has a frequency above that of the grid.
    @Test(arguments: [[64], [9, 5], [1], [2]], [Float(1), 0.5])
    func frequenciesStayBelowNyquist(extents: [Int], fraction: Float) {
        var randomNumbers = RandomNumbers(seed: 3)
        let slowNet = MultiplicativeFilterNetwork(
            extents: extents, outputs: 1, size: SlowNetSize(hidden: 200, layers: 2),
            frequencies: .belowNyquist(fraction: fraction), using: &randomNumbers)
        for (axis, extent) in extents.enumerated() {
            let highest = slowNet.filters.reduce(Float(0)) { sum, filter in
                sum
                    + filter.weight.slice(alongAxis: 1, axis..<axis + 1).scalars.reduce(0) {
                        max($0, abs($1))
                    }
            }
            let bound = fraction * .pi / 2 * Float(extent - 1)
            // Five operations round in a frequency, two in the sum and four in the bound.
            #expect(highest <= bound * (1 + 11 * .ulpOfOne / 2))
            // The largest of n = 200 draws stays below 1 - 20 / n of the bound with probability (1 - 20 / n)ⁿ = e⁻²¹.
            #expect(highest >= bound * 0.9)
        }
    }
}
