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
        // The product of two floats is exact in double precision, so that there is one rounding, fused or not.
        #expect(accumulated == zip(x, products).map { Double($0) + $1 })
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

    /// Planes of whole vectors, of a vector and less, and of fewer rows than the kernel has.
    @Test(
        arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue),
        [(3, 3), (5, 7), (7, 1), (9, 9), (9, 5)])
    func planes(_ set: UInt32, _ kernel: (rows: Int, columns: Int)) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        let lanes = loops.plane_columns
        var numbers = seededNumbers()
        for (rows, columns) in [(4, lanes), (1, 2 * lanes), (12, 3 * lanes + 1), (5, 4 * lanes - 1)] {
            let x = numbers.tensor([rows, columns]).scalars
            let cotangent = numbers.tensor([rows, columns]).scalars
            let weights = numbers.tensor([kernel.rows, kernel.columns]).scalars
            let stride = columns + kernel.columns - 1
            var padded = [Float](
                repeating: 0, count: (rows + kernel.rows - 1) * stride + vk_correlation_slack)
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

    /// A product's extents: around those of strips, of vectors, of what stays in the caches; with nothing to sum.
    static let productSizes: [(rows: Int, columns: Int, depth: Int)] = [
        (1, 1, 1), (5, 7, 3), (6, 2, 5), (7, 15, 4), (12, 32, 16), (13, 33, 40), (24, 64, 1), (3, 81, 20),
        (37, 100, 9), (8, 130, 200), (2, 147, 193), (6, 3, 500), (4, 20, 0),
    ]

    /// The product of `size` with a factor in two groups of rows, and what it should be: with the largest error that
    /// roundings can make, a term relative to the sum of all magnitudes.
    private struct Product {
        let left: [Float]
        let right: [Float]
        let offsets: [Float]
        let expected: [Double]
        let bound: Double

        init(_ size: (rows: Int, columns: Int, depth: Int)) {
            var numbers = seededNumbers()
            let (rows, columns, depth) = size
            let left = numbers.tensor([rows, depth]).scalars
            let right = numbers.tensor([depth, columns]).scalars
            let offsets = numbers.tensor([rows]).scalars
            let terms = (0..<rows * columns).map { index in
                let (row, column) = index.quotientAndRemainder(dividingBy: columns)
                return [Double(offsets[row])]
                    + (0..<depth).map {
                        Double(left[row * depth + $0]) * Double(right[$0 * columns + column])
                    }
            }
            (self.left, self.right, self.offsets) = (left, right, offsets)
            expected = terms.map { $0.reduce(0, +) }
            // Products and sums are rounded, each once.
            bound =
                floatEpsilon * Double(2 * depth + 1)
                * largestMagnitude(terms.map { $0.reduce(0) { $0 + abs($1) } })
        }
    }

    /// Not a number where nothing is written.
    private func unwritten(_ count: Int) -> [Float] { Array(repeating: .nan, count: count) }

    private func transposed(_ matrix: [Float], columns: Int) -> [Float] {
        (0..<columns).flatMap { column in
            stride(from: column, to: matrix.count, by: columns).map { matrix[$0] }
        }
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), productSizes)
    func sumsOfRows(_ set: UInt32, _ size: (rows: Int, columns: Int, depth: Int)) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        let (rows, columns, depth) = size
        let product = Product(size)
        let height = Int(vk_strip_height)
        var strips = unwritten((rows + height - 1) / height * height * depth)
        loops.cut_strips(&strips, product.left, depth, 1, rows, depth)
        var other = unwritten(strips.count)
        let transpose = transposed(product.left, columns: depth)
        loops.cut_strips(&other, transpose, 1, rows, rows, depth)
        #expect(other == strips)

        /// The product of some columns, rows `stride` apart, of a right factor in groups of so many rows; of the left
        /// factor in strips or, without, of the transpose of its transpose.
        func multiplied(
            _ range: Range<Int>, groups counts: [Int], stride: Int, inStrips: Bool = true
        ) -> [Float] {
            var result = unwritten(rows * stride)
            (inStrips ? strips : transpose).withUnsafeBufferPointer { left in
                product.right.withUnsafeBufferPointer { right in
                    guard let left = left.baseAddress, let right = right.baseAddress else { return }
                    var first = 0
                    let groups = counts.filter { $0 > 0 }.map { count in
                        defer { first += count }
                        return vk_row_group(
                            first: right + first * columns + range.lowerBound, stride: columns, count: count)
                    }
                    let weights = vk_weights(
                        first: left, column_step: inStrips ? height : rows,
                        strip_step: inStrips ? height * depth : height)
                    loops.multiply_rows(
                        &result, stride, weights, rows, groups, depth, range.count, product.offsets)
                }
            }
            return result
        }
        let stride = columns + 3
        let result = multiplied(0..<columns, groups: [depth / 3, depth - depth / 3], stride: stride)
        let found = (0..<rows).flatMap { result[$0 * stride..<$0 * stride + columns] }
        #expect(largestDifference(found, product.expected) <= product.bound)
        for row in 0..<rows {
            #expect(result[row * stride + columns..<(row + 1) * stride].allSatisfy { $0.isNaN })
        }
        // The same bits in other groups, at another place, and without strips.
        #expect(multiplied(0..<columns, groups: [depth], stride: columns, inStrips: false) == found)
        #expect(multiplied(0..<columns, groups: [depth], stride: columns) == found)
        let some = columns / 3..<max(columns / 3 + 1, columns * 2 / 3)
        let part: [Float] = (0..<rows).flatMap { row in some.map { found[row * columns + $0] } }
        #expect(multiplied(some, groups: [depth], stride: some.count) == part)
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), productSizes)
    func productsOfRows(_ set: UInt32, _ size: (rows: Int, columns: Int, depth: Int)) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        let (rows, columns, depth) = size
        let product = Product(size)
        let right = transposed(product.right, columns: columns)
        let stride = columns + 3
        var result = unwritten(rows * stride)
        for row in 0..<rows {
            for column in 0..<columns { result[row * stride + column] = product.offsets[row] }
        }
        loops.multiply_by_rows(
            &result, stride, product.left, depth, rows, right, depth, columns, depth, 1)
        let found = (0..<rows).flatMap { result[$0 * stride..<$0 * stride + columns] }
        #expect(largestDifference(found, product.expected) <= product.bound)
        for row in 0..<rows {
            #expect(result[row * stride + columns..<(row + 1) * stride].allSatisfy { $0.isNaN })
        }
        // Written, not added: to what is not a number.
        var alone = unwritten(1)
        let (row, column) = (rows / 2, columns / 2)
        product.left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                loops.multiply_by_rows(
                    &alone, 1, left.baseAddress! + row * depth, depth, 1, right.baseAddress! + column * depth,
                    depth, 1, depth, 0)
            }
        }
        #expect(product.offsets[row] + alone[0] == found[row * columns + column])
    }
}
