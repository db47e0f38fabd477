import CVectorLoops

/// A row-major matrix in memory: rows of `columns` scalars, `stride` apart.
struct MatrixView {
    var scalars: UnsafePointer<Float>
    var rows: Int
    var columns: Int
    var stride: Int

    init(_ scalars: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.scalars = scalars
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    /// The rows with the given indices.
    func rows(_ range: Range<Int>) -> MatrixView {
        MatrixView(scalars + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    /// The columns with the given indices.
    func columns(_ range: Range<Int>) -> MatrixView {
        MatrixView(scalars + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// The rows as a part of a product's right factor.
    var rowGroup: vl_row_group { vl_row_group(first: scalars, stride: stride, count: rows) }
}

/// Writes left · rightᵀ, the dot products of rows, or adds it to `result`.
func multiply(
    _ left: MatrixView, byRowsOf right: MatrixView, into result: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool = false
) {
    vectorLoops.pointee.multiply_by_rows(
        result, stride, left.scalars, left.stride, left.rows, right.scalars, right.stride, right.rows,
        left.columns, adding ? 1 : 0)
}
