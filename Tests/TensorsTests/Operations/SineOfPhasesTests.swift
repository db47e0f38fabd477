import Foundation
import Tensors
import TestSupport
import Testing

struct SineOfPhasesTests {
    @Test func coordinatesRunFromMinusOneToOne() {
        let grid = CoordinateGrid(extents: [5, 1, 4])
        #expect(grid.coordinates(alongAxis: 0) == [-1, -0.5, 0, 0.5, 1])
        #expect(grid.coordinates(alongAxis: 1) == [-1])
        let thirds = grid.coordinates(alongAxis: 2)
        #expect(thirds == thirds.reversed().map { -$0 })
        #expect(grid.count == 20)
    }

    /// Phases up to those of the authors' networks (2 · 10⁵), and beyond those that the vector loops reduce (3 · 10⁶).
    @Test(arguments: [[9], [1], [5, 7], [2, 3, 4]], [Float(1), 30, 2e5, 1e7])
    func valuesAreThoseOfTheLibrary(_ extents: [Int], _ frequency: Float) {
        var numbers = seededNumbers()
        let filters = 3
        let weight = numbers.tensor([filters, extents.count], deviation: frequency)
        let bias = numbers.tensor([filters])
        let grid = CoordinateGrid(extents: extents)
        let (naiveWeight, naiveBias) = (NaiveTensor(weight), NaiveTensor(bias))
        let expected = NaiveTensor(shape: [1, filters] + extents) { index in
            sin(
                extents.indices.reduce(naiveBias[[index[1]]]) {
                    $0 + naiveWeight[[index[1], $1]] * grid.coordinates(alongAxis: $1)[index[2 + $1]]
                })
        }
        let result = Tensor.sineOfPhases(coordinates: grid, weight: weight, bias: bias)
        #expect(result.shape == expected.shape)
        // The sine is rounded by ε / 2 and has an error of 1e-10; on either side a product and a sum for each axis are
        // rounded in double precision, by 2^-53 of at most the largest phase.
        let largestPhase = (0..<filters).map { filter in
            extents.indices.reduce(abs(naiveBias[[filter]])) { $0 + abs(naiveWeight[[filter, $1]]) }
        }.max()!
        let bound =
            floatEpsilon / 2 + 1e-10 + 2 * 2 * Double(extents.count) * largestPhase * Double.ulpOfOne / 2
        #expect(largestDifference(result.scalars, expected.scalars) <= bound)
    }

    @Test(arguments: [[9], [1], [5, 7], [2, 3, 4], [1, 300]])
    func gradientsAreThoseOfFiniteDifferences(_ extents: [Int]) {
        var numbers = seededNumbers()
        let grid = CoordinateGrid(extents: extents)
        let operands = [numbers.tensor([3, extents.count]), numbers.tensor([3])]
        #expect(
            gradientMismatches(of: operands) {
                Tensor.sineOfPhases(coordinates: grid, weight: $0[0], bias: $0[1])
            } == [])
    }

    /// At high frequencies, against the derivative written out.
    @Test(arguments: [Float(2e5), 1e7])
    func gradientAtHighFrequency(_ frequency: Float) {
        var numbers = seededNumbers()
        let grid = CoordinateGrid(extents: [4, 33])
        let operands = Operands(tensors: [numbers.tensor([2, 2], deviation: frequency), numbers.tensor([2])])
        let upstream = numbers.tensor([1, 2, 4, 33])
        let (_, gradient) = valueAndGradient(at: operands) { model in
            (Tensor.sineOfPhases(coordinates: grid, weight: model.tensors[0], bias: model.tensors[1])
                * upstream)
                .sum()
        }
        let (rows, columns) = (grid.coordinates(alongAxis: 0), grid.coordinates(alongAxis: 1))
        let (weight, bias) = (NaiveTensor(operands.tensors[0]), NaiveTensor(operands.tensors[1]))
        let naiveUpstream = NaiveTensor(upstream)
        func sum(_ filter: Int, _ factor: (Double, Double) -> Double) -> Double {
            NaiveTensor.indices(of: [4, 33]).reduce(0.0) { sum, index in
                let (row, column) = (rows[index[0]], columns[index[1]])
                let phase = bias[[filter]] + weight[[filter, 0]] * row + weight[[filter, 1]] * column
                return sum + naiveUpstream[[0, filter] + index] * cos(phase) * factor(row, column)
            }
        }
        let expectedWeight = NaiveTensor(shape: [2, 2]) { index in sum(index[0]) { index[1] == 0 ? $0 : $1 } }
        let expectedBias = NaiveTensor(shape: [2]) { sum($0[0]) { _, _ in 1 } }
        // Of each term the cosine and its product with the upstream are rounded by ε / 2, and on either side the phase
        // by four roundings in double precision, of at most 10 times the frequency. The sum, in double precision, is
        // rounded once.
        let size = upstream.scalars.reduce(0) { $0 + abs(Double($1)) }
        let bound = size * (1.5 * floatEpsilon + 2 * 4 * 10 * Double(frequency) * Double.ulpOfOne / 2)
        #expect(largestDifference(gradient["0"].scalars, expectedWeight.scalars) <= bound)
        #expect(largestDifference(gradient["1"].scalars, expectedBias.scalars) <= bound)
    }
}
