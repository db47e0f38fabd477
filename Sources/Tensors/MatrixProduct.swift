import Convolution
import Runtime

extension Tensor {
    /// The matrix products over the last two axes: [..., I, K] times [..., K, J] is [..., I, J]. The leading axes
    /// of both are the same.
    ///
    /// - Complexity: O(*n* · I · K · J) for *n* pairs of matrices.
    public func matrixProduct(_ other: Tensor) -> Tensor {
        matrixProducts([other])[0]
    }

    /// The matrix products of this tensor with several of one shape: see ``matrixProduct(_:)``.
    public func matrixProducts(_ others: [Tensor]) -> [Tensor] {
        for other in others {
            require(
                rank >= 2 && rank == other.rank && shape.dropLast(2) == other.shape.dropLast(2)
                    && shape[rank - 1] == other.shape[rank - 2] && other.shape == others[0].shape,
                "expected shapes [..., I, K] and [..., K, J], got \(shape) and \(others.map(\.shape))")
        }
        let left = others.contains(where: \.isRecorded) ? detached : nil
        let rights = isRecorded ? others.map(\.detached) : nil
        let areRecorded = others.map(\.isRecorded)
        return Tensor.products(self, others).recorded(from: [self] + others) { cotangents in
            let used = cotangents.indices.filter { cotangents[$0] != nil }
            let ownCotangent = rights.map { rights in
                Tensor.sumOfProductsByRows(used.map { (cotangents[$0]!, rights[$0]) })
            }
            let wanted = used.filter { areRecorded[$0] }
            var results = [Tensor?](repeating: nil, count: cotangents.count)
            if let left {
                let products = Tensor.products(left, wanted.map { cotangents[$0]! }, isLeftTransposed: true)
                for (index, product) in zip(wanted, products) { results[index] = product }
            }
            return [ownCotangent] + results
        }
    }

    /// The products of one tensor, transposed or not, with each of others, all of one shape.
    private static func products(
        _ left: Tensor, _ rights: [Tensor], isLeftTransposed: Bool = false
    ) -> [Tensor] {
        guard let first = rights.first else { return [] }
        let (lefts, stack) = (MatrixStack(left), MatrixStack(first))
        let (rows, inner) = isLeftTransposed ? (lefts.columns, lefts.rows) : (lefts.rows, lefts.columns)
        let columns = stack.columns
        let shape = Array(left.shape.dropLast(2)) + [rows, columns]
        return Tensor.tensors(shapes: rights.map { _ in shape }) { results in
            left.withPointer { a in
                withScalars(of: rights) { rights in
                    lefts.inBlocks(ofRows: rows, scalarsEach: columns * rights.count, inner: inner) {
                        index, range in
                        let matrix = lefts[index, of: a]
                        func multiply(_ strips: WeightStrips) {
                            for (right, result) in zip(rights, results) {
                                var group = stack[index, of: right.baseAddress!].rowGroup
                                strips.multiply(
                                    &group, columns: columns,
                                    into: result.baseAddress! + (index * rows + range.lowerBound) * columns,
                                    stride: columns)
                            }
                        }
                        if isLeftTransposed {
                            multiply(WeightStrips(transposeOf: matrix.columns(range)))
                        } else {
                            withScratch(WeightStrips.scalarCount(rows: range.count, columns: inner)) {
                                multiply(WeightStrips(matrix.rows(range), in: $0))
                            }
                        }
                    }
                }
            }
        }
    }

    /// The sum of the products of left tensors and transposes of right ones, of the same shapes in each pair; at least
    /// one.
    private static func sumOfProductsByRows(_ pairs: [(left: Tensor, right: Tensor)]) -> Tensor {
        let (lefts, rights) = (MatrixStack(pairs[0].left), MatrixStack(pairs[0].right))
        let (rows, columns) = (lefts.rows, rights.rows)
        return Tensor(shape: pairs[0].left.shape.dropLast(2) + [rows, columns]) { result in
            withScalars(of: pairs.map(\.left)) { a in
                withScalars(of: pairs.map(\.right)) { b in
                    lefts.inBlocks(ofRows: rows, scalarsEach: columns, inner: lefts.columns) { index, range in
                        for (number, (a, b)) in zip(a, b).enumerated() {
                            multiply(
                                lefts[index, of: a.baseAddress!].rows(range),
                                byRowsOf: rights[index, of: b.baseAddress!],
                                into: result + (index * rows + range.lowerBound) * columns, stride: columns,
                                adding: number > 0)
                        }
                    }
                }
            }
        }
    }
}

/// The last two axes of a tensor as matrices, one behind the other.
private struct MatrixStack {
    let count: Int
    let rows: Int
    let columns: Int

    init(_ tensor: Tensor) {
        (rows, columns) = (tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
        count = tensor.shape.dropLast(2).reduce(1, *)
    }

    subscript(index: Int, of scalars: UnsafePointer<Float>) -> MatrixView {
        MatrixView(scalars + index * rows * columns, rows: rows, columns: columns)
    }

    /// Calls `body` for each matrix of as many products; for blocks of the rows of tall ones.
    func inBlocks(
        ofRows rows: Int, scalarsEach columns: Int, inner: Int,
        _ body: (_ matrix: Int, _ rows: Range<Int>) -> Void
    ) {
        let blockRows = rows <= 256 ? rows : 128
        let blocks = rows == 0 ? 0 : (rows + blockRows - 1) / blockRows
        inPieces(of: count * blocks, scalarsEach: blockRows * columns, nanoseconds: Double(inner) / 50 + 0.1)
        {
            for index in $0 {
                let (matrix, block) = index.quotientAndRemainder(dividingBy: blocks)
                body(matrix, block * blockRows..<min(rows, (block + 1) * blockRows))
            }
        }
    }
}
