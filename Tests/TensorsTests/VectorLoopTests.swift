import CVectorKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// The loops with an order of their own - sums, correlations - for every instruction set of this machine and for
/// lengths around those of vectors.
struct VectorLoopTests {
    static let lengths = [1, 2, 7, 15, 16, 17, 31, 64, 100, 127, 129, 1000, 5000]

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func sums(_ set: UInt32, _ count: Int) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
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
        #expect(
            zip(accumulated, zip(x, products)).allSatisfy {
                abs($0 - (Double($1.0) + $1.1)) <= 1e-15 * (1 + abs($0))
            })
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func correlations(_ set: UInt32, _ count: Int) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let offsets = [0, 1, 2, 9, 10, 11, 30, 31, 32, 40, 41, 42, 43, 50, 51]
        let weights = numbers.tensor([offsets.count]).scalars
        let slack = [Float](repeating: 0, count: vk_correlation_slack)
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
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
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

    /// Both shapes of tiles, from factors that are read as they are and transposed; sizes around those of tiles.
    @Test(
        arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue),
        [(1, 1, 1), (5, 7, 3), (12, 32, 16), (13, 33, 40), (24, 48, 1), (37, 100, 9)])
    func products(_ set: UInt32, _ size: (rows: Int, columns: Int, depth: Int)) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        let (rows, columns, depth) = size
        var numbers = seededNumbers()
        let left = numbers.tensor([rows, depth]).scalars
        let right = numbers.tensor([depth, columns]).scalars
        let offsets = numbers.tensor([rows]).scalars
        func transposed(_ matrix: [Float], columns: Int) -> [Float] {
            (0..<columns).flatMap { column in
                stride(from: column, to: matrix.count, by: columns).map { matrix[$0] }
            }
        }
        /// Offset and products of each scalar, the latter twice.
        let terms = (0..<rows * columns).map { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            return [Double(offsets[row])]
                + (0..<depth).map {
                    2 * Double(left[row * depth + $0]) * Double(right[$0 * columns + column])
                }
        }
        // 2 depth products and the offset, each rounded twice at most.
        let bound =
            floatEpsilon * Double(4 * depth + 2)
            * largestMagnitude(terms.map { $0.reduce(0) { $0 + abs($1) } })
        for tile in [loops.tall_tile, loops.wide_tile] {
            let (leftStrips, rightStrips) = (
                (rows + tile.rows - 1) / tile.rows, (columns + tile.columns - 1) / tile.columns
            )
            // Not a number where nothing is written.
            func unwritten(_ count: Int) -> [Float] { Array(repeating: .nan, count: count) }
            var packedLeft = unwritten(leftStrips * tile.rows * depth)
            var packedRight = unwritten(rightStrips * tile.columns * depth)
            loops.pack_columns(&packedLeft, left, depth, depth, rows, tile.rows)
            loops.pack_rows(&packedRight, right, columns, depth, columns, tile.columns)
            var other = unwritten(packedLeft.count)
            loops.pack_rows(&other, transposed(left, columns: depth), rows, depth, rows, tile.rows)
            #expect(other == packedLeft)
            other = unwritten(packedRight.count)
            loops.pack_columns(
                &other, transposed(right, columns: columns), depth, depth, columns, tile.columns)
            #expect(other == packedRight)

            var tiles = unwritten(leftStrips * tile.rows * rightStrips * tile.columns)
            for isAdding: Int32 in [0, 1] {
                right.withUnsafeBufferPointer {
                    tile.multiply(
                        &tiles, packedLeft, packedRight, leftStrips, rightStrips, depth, isAdding,
                        vk_rows(first: $0.baseAddress, stride: columns, count: depth, length: columns))
                }
            }
            let stride = columns + 3
            var result = unwritten(rows * stride)
            loops.unpack(&result, stride, tiles, rows, columns, tile.rows, tile.columns, offsets)
            let found = (0..<rows).flatMap { result[$0 * stride..<$0 * stride + columns] }
            #expect(largestDifference(found, terms.map { $0.reduce(0, +) }) <= bound)
            #expect(
                (0..<rows).allSatisfy { row in
                    result[(row * stride + columns)..<(row + 1) * stride].allSatisfy(\.isNaN)
                })
        }
    }
}
