import CVectorLoops
import Tensors
import TestSupport
import Testing

/// The products of matrices, for every instruction set of this machine.
struct MatrixLoopTests {
    /// A product's extents: around those of panels, of vectors and of cache tiles; with nothing to sum.
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

    private func transposed(_ matrix: [Float], columns: Int) -> [Float] {
        (0..<columns).flatMap { column in
            stride(from: column, to: matrix.count, by: columns).map { matrix[$0] }
        }
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), productSizes)
    func sumsOfRows(_ set: UInt32, _ size: (rows: Int, columns: Int, depth: Int)) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        let (rows, columns, depth) = size
        let product = Product(size)
        let height = Int(vl_panel_height)
        var panels = unwritten((rows + height - 1) / height * height * depth)
        loops.pack_panels(&panels, product.left, depth, 1, rows, depth)
        var other = unwritten(panels.count)
        let transpose = transposed(product.left, columns: depth)
        loops.pack_panels(&other, transpose, 1, rows, rows, depth)
        #expect(other == panels)

        /// The product of some columns, rows `stride` apart, of a right factor in groups of rows; of the left
        /// factor in panels or, without, of the transpose of its transpose.
        func multiplied(
            _ range: Range<Int>, groups counts: [Int], stride: Int, inPanels: Bool = true
        ) -> [Float] {
            var result = unwritten(rows * stride)
            (inPanels ? panels : transpose).withUnsafeBufferPointer { left in
                product.right.withUnsafeBufferPointer { right in
                    guard let left = left.baseAddress, let right = right.baseAddress else { return }
                    var first = 0
                    let groups = counts.filter { $0 > 0 }.map { count in
                        defer { first += count }
                        return vl_row_group(
                            first: right + first * columns + range.lowerBound, stride: columns, count: count)
                    }
                    let weights = vl_panels(
                        first: left, column_step: inPanels ? height : rows,
                        panel_step: inPanels ? height * depth : height)
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
        // The same bits in other groups, at another place, and without packing.
        #expect(multiplied(0..<columns, groups: [depth], stride: columns, inPanels: false) == found)
        #expect(multiplied(0..<columns, groups: [depth], stride: columns) == found)
        let some = columns / 3..<max(columns / 3 + 1, columns * 2 / 3)
        let part: [Float] = (0..<rows).flatMap { row in some.map { found[row * columns + $0] } }
        #expect(multiplied(some, groups: [depth], stride: some.count) == part)
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), productSizes)
    func productsOfRows(_ set: UInt32, _ size: (rows: Int, columns: Int, depth: Int)) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
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
