import Convolution

extension Tensor {
    /// The matrix products over the last two axes: [..., I, K] times [..., K, J] is [..., I, J]. The leading axes
    /// of both are the same.
    ///
    /// - Complexity: O(*n* · I · K · J) for *n* pairs of matrices.
    public func matrixProduct(_ other: Tensor) -> Tensor {
        precondition(
            rank >= 2 && rank == other.rank && shape.dropLast(2) == other.shape.dropLast(2)
                && shape[rank - 1] == other.shape[rank - 2],
            "expected shapes [..., I, K] and [..., K, J], got \(shape) and \(other.shape)")
        let product = Tensor.products(self, other)
        let left = other.isRecorded ? detached : nil
        let right = isRecorded ? other.detached : nil
        return product.recorded(from: self, other) { cotangent in
            [
                right.map { Tensor.products(cotangent, $0, isRightTransposed: true) },
                left.map { Tensor.products($0, cotangent, isLeftTransposed: true) },
            ]
        }
    }

    private static func products(
        _ left: Tensor, _ right: Tensor, isLeftTransposed: Bool = false, isRightTransposed: Bool = false
    ) -> Tensor {
        let (leftRows, leftColumns) = (left.shape[left.rank - 2], left.shape[left.rank - 1])
        let (rightRows, rightColumns) = (right.shape[right.rank - 2], right.shape[right.rank - 1])
        let rows = isLeftTransposed ? leftColumns : leftRows
        let inner = isLeftTransposed ? leftRows : leftColumns
        let columns = isRightTransposed ? rightRows : rightColumns
        let pairs = left.shape.dropLast(2).reduce(1, *)
        // Tall products are cut in blocks of rows.
        let blockRows = rows <= 256 ? rows : 128
        let blocks = rows == 0 ? 0 : (rows + blockRows - 1) / blockRows
        return Tensor(shape: left.shape.dropLast(2) + [rows, columns]) { result in
            guard inner > 0 else { return result.initialize(repeating: 0, count: pairs * rows * columns) }
            left.withPointer { left in
                right.withPointer { right in
                    inPieces(
                        of: pairs * blocks, scalarsEach: blockRows * columns, nanoseconds: Double(inner) / 50
                    ) {
                        for index in $0 {
                            let (pair, block) = index.quotientAndRemainder(dividingBy: blocks)
                            let firstRow = block * blockRows
                            let count = min(blockRows, rows - firstRow)
                            var leftView = MatrixView(
                                left + pair * leftRows * leftColumns
                                    + firstRow * (isLeftTransposed ? 1 : leftColumns),
                                rows: isLeftTransposed ? inner : count,
                                columns: isLeftTransposed ? count : inner,
                                stride: leftColumns)
                            leftView.isTransposed = isLeftTransposed
                            var rightView = MatrixView(
                                right + pair * rightRows * rightColumns, rows: rightRows,
                                columns: rightColumns)
                            rightView.isTransposed = isRightTransposed
                            multiply(
                                leftView, rightView, into: result + (pair * rows + firstRow) * columns,
                                stride: columns)
                        }
                    }
                }
            }
        }
    }
}
