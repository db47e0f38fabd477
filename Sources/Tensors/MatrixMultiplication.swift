import COpenBLAS

/// A matrix in memory: rows of `columns` scalars, `stride` apart, to be read as it is or transposed.
struct MatrixView {
    var scalars: UnsafePointer<Float>
    var rows: Int
    var columns: Int
    var stride: Int
    var isTransposed = false

    init(_ scalars: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.scalars = scalars
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    /// Some of the rows of memory, whichever way the matrix is read.
    func storedRows(_ range: Range<Int>) -> MatrixView {
        var part = self
        part.scalars += range.lowerBound * stride
        part.rows = range.count
        return part
    }

    /// Some of the columns of memory.
    func storedColumns(_ range: Range<Int>) -> MatrixView {
        var part = self
        part.scalars += range.lowerBound
        part.columns = range.count
        return part
    }

    var transposed: MatrixView {
        var copy = self
        copy.isTransposed.toggle()
        return copy
    }
}

/// Writes the product of two matrices to `result`, rows `stride` apart, or adds it to what is there.
///
/// OpenBLAS runs on the calling thread alone: the package's own loops spread the work, in the same way for any
/// number of threads.
func multiply(
    _ left: MatrixView, _ right: MatrixView, into result: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool = false
) {
    _ = useOneThread
    let rows = left.isTransposed ? left.columns : left.rows
    let inner = left.isTransposed ? left.rows : left.columns
    let columns = right.isTransposed ? right.rows : right.columns
    cblas_sgemm(
        CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
        right.isTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1,
        left.scalars, blasint(left.stride), right.scalars, blasint(right.stride), adding ? 1 : 0, result,
        blasint(stride))
}

private let useOneThread: Void = openblas_set_num_threads(1)
