import Convolution

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
            precondition(
                rank >= 2 && rank == other.rank && shape.dropLast(2) == other.shape.dropLast(2)
                    && shape[rank - 1] == other.shape[rank - 2] && other.shape == others[0].shape,
                "expected shapes [..., I, K] and [..., K, J], got \(shape) and \(others.map(\.shape))")
        }
        let left = others.contains(where: \.isRecorded) ? detached : nil
        let rights = isRecorded ? others.map(\.detached) : nil
        let areRecorded = others.map(\.isRecorded)
        return others.map { Tensor.sumOfProducts([(self, $0)]) }.recorded(from: [self] + others) {
            cotangents in
            let used = cotangents.indices.filter { cotangents[$0] != nil }
            let ownCotangent = rights.map { rights in
                Tensor.sumOfProducts(used.map { (cotangents[$0]!, rights[$0]) }, isRightTransposed: true)
            }
            return [ownCotangent]
                + cotangents.indices.map { index in
                    guard areRecorded[index], let cotangent = cotangents[index] else { return nil }
                    return Tensor.sumOfProducts([(left!, cotangent)], isLeftTransposed: true)
                }
        }
    }

    /// The sum of the products of pairs of tensors, of the same shapes in each pair; at least one.
    private static func sumOfProducts(
        _ pairs: [(left: Tensor, right: Tensor)], isLeftTransposed: Bool = false,
        isRightTransposed: Bool = false
    ) -> Tensor {
        let (left, right) = pairs[0]
        let (leftRows, leftColumns) = (left.shape[left.rank - 2], left.shape[left.rank - 1])
        let (rightRows, rightColumns) = (right.shape[right.rank - 2], right.shape[right.rank - 1])
        let rows = isLeftTransposed ? leftColumns : leftRows
        let inner = isLeftTransposed ? leftRows : leftColumns
        let columns = isRightTransposed ? rightRows : rightColumns
        let matrices = left.shape.dropLast(2).reduce(1, *)
        // Tall products are cut in blocks of rows.
        let blockRows = rows <= 256 ? rows : 128
        let blocks = rows == 0 ? 0 : (rows + blockRows - 1) / blockRows
        return Tensor(shape: left.shape.dropLast(2) + [rows, columns]) { result in
            guard inner > 0 else { return result.initialize(repeating: 0, count: matrices * rows * columns) }
            withScalars(of: pairs.map(\.left)) { lefts in
                withScalars(of: pairs.map(\.right)) { rights in
                    inPieces(
                        of: matrices * blocks, scalarsEach: blockRows * columns,
                        nanoseconds: Double(inner) / 50
                    ) {
                        for index in $0 {
                            let (matrix, block) = index.quotientAndRemainder(dividingBy: blocks)
                            let firstRow = block * blockRows
                            let count = min(blockRows, rows - firstRow)
                            for (number, (left, right)) in zip(lefts, rights).enumerated() {
                                var leftView = MatrixView(
                                    left.baseAddress! + matrix * leftRows * leftColumns
                                        + firstRow * (isLeftTransposed ? 1 : leftColumns),
                                    rows: isLeftTransposed ? inner : count,
                                    columns: isLeftTransposed ? count : inner,
                                    stride: leftColumns)
                                leftView.isTransposed = isLeftTransposed
                                var rightView = MatrixView(
                                    right.baseAddress! + matrix * rightRows * rightColumns, rows: rightRows,
                                    columns: rightColumns)
                                rightView.isTransposed = isRightTransposed
                                multiply(
                                    leftView, rightView, into: result + (matrix * rows + firstRow) * columns,
                                    stride: columns, adding: number > 0)
                            }
                        }
                    }
                }
            }
        }
    }
}
