import CVectorLoops
import Foundation
import Tensors
import TestSupport
import Testing

/// Sums and correlations, whose order of summation is the loops' own, for every instruction set of this machine and for
/// lengths around those of vectors.
struct VectorLoopTests {
    static let lengths = [1, 2, 7, 15, 16, 17, 31, 64, 100, 127, 129, 1000, 5000]

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func sums(_ set: UInt32, _ count: Int) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let (x, y) = (numbers.tensor([count]).scalars, numbers.tensor([count]).scalars)
        let products = zip(x, y).map { Double($0) * Double($1) }
        // Sums in double precision, in any order.
        let bound = Double(count) * Double.ulpOfOne
        func isClose(_ sum: Double, _ terms: [Double]) -> Bool {
            abs(sum - terms.reduce(0, +)) <= bound * terms.reduce(0) { $0 + abs($1) }
        }
        #expect(isClose(loops.sum(x, count), x.map(Double.init)))
        #expect(isClose(loops.dot(x, y, count), products))
        #expect(
            isClose(
                loops.squared_deviations(x, 0.5, count), x.map { (Double($0) - 0.5) * (Double($0) - 0.5) }))
        var accumulated = x.map(Double.init)
        loops.accumulate_products(&accumulated, x, y, count)
        // Products of floats are exact in double precision: one rounding on either side.
        #expect(accumulated == zip(x, products).map { Double($0) + $1 })
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func correlations(_ set: UInt32, _ count: Int) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let offsets = [0, 1, 2, 9, 10, 11, 30, 31, 32, 40, 41, 42, 43, 50, 51]
        let weights = numbers.tensor([offsets.count]).scalars
        let slack = [Float](repeating: 0, count: vl_correlation_slack)
        let x = numbers.tensor([count + 51]).scalars + slack
        let g = numbers.tensor([count]).scalars + slack
        var result = g.map { _ in Float(0) }
        loops.correlate(&result, count, x, weights, offsets, offsets.count)
        let expected = (0..<count).map { i in
            zip(weights, offsets).reduce(0.0) { $0 + Double($1.0) * Double(x[i + $1.1]) }
        }
        let bound = floatEpsilon * Double(offsets.count)
        #expect(largestDifference(Array(result[..<count]), expected) <= bound * largestMagnitude(expected))

        var sums = [Double](repeating: 1, count: offsets.count)
        loops.correlate_weights(&sums, g, count, x, offsets, offsets.count)
        for (sum, offset) in zip(sums, offsets) {
            let terms = (0..<count).map { Double(g[$0]) * Double(x[$0 + offset]) }
            // Up to 256 terms and 16 lanes are added in single precision, each sum no larger than all magnitudes.
            let size = terms.reduce(0) { $0 + abs($1) }
            #expect(abs(sum - 1 - terms.reduce(0, +)) <= 20 * floatEpsilon * size)
        }
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), [Double(1), 1e5, 1e8])
    func sumsOverPhases(_ set: UInt32, _ slope: Double) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let count = 777
        let g = numbers.tensor([count]).scalars
        let coordinates = (0..<count).map { Double($0) / 388 - 1 }
        var sums = [Double](repeating: 0, count: 2)
        loops.sine_of_phases_sums(g, 0.25, slope, coordinates, count, &sums)
        let terms = zip(g, coordinates).map { Double($0) * cos(0.25 + slope * $1) }
        let size = terms.reduce(0) { $0 + abs($1) }
        let bound = (2 * floatEpsilon + slope * Double.ulpOfOne) * size
        #expect(abs(sums[0] - terms.reduce(0, +)) <= bound)
        #expect(abs(sums[1] - zip(terms, coordinates).reduce(0) { $0 + $1.0 * $1.1 }) <= bound)
    }

    /// Planes of whole vectors, of a vector and less, and of fewer rows than the kernel has.
    @Test(
        arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue),
        [(3, 3), (5, 7), (7, 1), (9, 9), (9, 5)])
    func planes(_ set: UInt32, _ kernel: (rows: Int, columns: Int)) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        let lanes = loops.plane_columns
        var numbers = seededNumbers()
        for (rows, columns) in [(4, lanes), (1, 2 * lanes), (12, 3 * lanes + 1), (5, 4 * lanes - 1)] {
            let x = numbers.tensor([rows, columns]).scalars
            let cotangent = numbers.tensor([rows, columns]).scalars
            let weights = numbers.tensor([kernel.rows, kernel.columns]).scalars
            let stride = columns + kernel.columns - 1
            var padded = [Float](
                repeating: 0, count: (rows + kernel.rows - 1) * stride + vl_correlation_slack)
            padded.withUnsafeMutableBufferPointer {
                loops.copy_rows(
                    $0.baseAddress! + kernel.rows / 2 * stride + kernel.columns / 2, stride, x, columns, rows,
                    columns)
            }
            /// Whether a sum is right but for roundings of its terms and partial sums, each relative to all magnitudes.
            func isSum(_ found: Double, of terms: [Double]) -> Bool {
                let size = terms.reduce(0) { $0 + abs($1) }
                return abs(found - terms.reduce(0, +)) <= floatEpsilon * Double(terms.count + 1) * size
            }
            let taps = (0..<kernel.rows).flatMap { i in (0..<kernel.columns).map { (i: i, k: $0) } }
            let places = (0..<rows).flatMap { row in (0..<columns).map { (row: row, column: $0) } }

            var result = unwritten(rows * (columns + 3))
            loops.correlate_plane(
                &result, columns + 3, rows, columns, padded, stride, weights, kernel.rows, kernel.columns)
            for (row, column) in places {
                let terms = taps.map {
                    Double(padded[(row + $0.i) * stride + column + $0.k])
                        * Double(weights[$0.i * kernel.columns + $0.k])
                }
                #expect(isSum(Double(result[row * (columns + 3) + column]), of: terms))
            }
            for row in 0..<rows { #expect(result[row * (columns + 3) + columns].isNaN) }

            let length = (columns + lanes - 1) / lanes * lanes
            var surrounded = [Float](repeating: 0, count: (rows + 2 * (kernel.rows - 1)) * length)
            for (row, column) in places {
                surrounded[(row + kernel.rows - 1) * length + column] = cotangent[row * columns + column]
            }
            var sums = [Double](repeating: 1, count: taps.count)
            loops.correlate_plane_weights(
                &sums, surrounded, rows, length, padded, stride, kernel.rows, kernel.columns)
            for (index, (i, k)) in taps.enumerated() {
                let terms = places.map {
                    Double(padded[($0.row + i) * stride + $0.column + k])
                        * Double(cotangent[$0.row * columns + $0.column])
                }
                #expect(isSum(sums[index], of: [1] + terms))
            }
        }
    }
}

/// Memory that is NaN wherever nothing is written.
func unwritten(_ count: Int) -> [Float] { Array(repeating: .nan, count: count) }
