import CVectorLoops
import Convolution

/// A matrix in memory: rows of `columns` scalars, `stride` apart.
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

    /// Some of the rows.
    func rows(_ range: Range<Int>) -> MatrixView {
        MatrixView(scalars + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    /// Some of the columns.
    func columns(_ range: Range<Int>) -> MatrixView {
        MatrixView(scalars + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// Its rows, for a product that adds them up.
    var rowGroup: vl_row_group { vl_row_group(first: scalars, stride: stride, count: rows) }
}

/// The left factor of a product as the loops read it: by strips of a few rows, and in a strip column by column.
///
/// Who multiplies several matrices by the same factor cuts it once.
struct WeightStrips {
    let rows: Int
    let columns: Int
    private let weights: vl_panels

    /// How many scalars the strips of so many rows and columns take.
    static func scalarCount(rows: Int, columns: Int) -> Int {
        (rows + height - 1) / height * height * columns
    }

    private static var height: Int { Int(vl_panel_height) }

    /// A matrix, or the transpose of one, cut in strips that stand in `memory`.
    init(_ matrix: MatrixView, isTransposed: Bool = false, in memory: UnsafeMutablePointer<Float>) {
        let (rows, columns) = isTransposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        let (rowStride, columnStride) = isTransposed ? (1, matrix.stride) : (matrix.stride, 1)
        let height = Self.height
        inPieces(of: (rows + height - 1) / height, scalarsEach: height * columns, nanoseconds: 1) { strips in
            let range = strips.lowerBound * height..<min(rows, strips.upperBound * height)
            vectorLoops.pointee.pack_panels(
                memory + range.lowerBound * columns, matrix.scalars + range.lowerBound * rowStride, rowStride,
                columnStride, range.count, columns)
        }
        (self.rows, self.columns) = (rows, columns)
        weights = vl_panels(first: memory, column_step: height, panel_step: height * columns)
    }

    /// The transpose of a matrix, read where it stands: good for small ones, whose rows are not far apart.
    init(transposeOf matrix: MatrixView) {
        (rows, columns) = (matrix.columns, matrix.rows)
        weights = vl_panels(
            first: matrix.scalars, column_step: matrix.stride, panel_step: Self.height)
    }

    /// Writes the product with a matrix whose rows stand in several groups, one below the other; `offsets` has what
    /// is added to each row, if anything.
    ///
    /// Each scalar is one sum from front to back: its bits do not depend on what is computed beside it.
    func multiply(
        _ groups: UnsafePointer<vl_row_group>, columns: Int, into result: UnsafeMutablePointer<Float>,
        stride: Int, offsets: [Float]? = nil
    ) {
        vectorLoops.pointee.multiply_rows(
            result, stride, weights, rows, groups, self.columns, columns, offsets)
    }
}

/// Writes the product of a matrix and another's transpose, or adds it to what is there: the products of rows with rows.
func multiply(
    _ left: MatrixView, byRowsOf right: MatrixView, into result: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool = false
) {
    vectorLoops.pointee.multiply_by_rows(
        result, stride, left.scalars, left.stride, left.rows, right.scalars, right.stride, right.rows,
        left.columns, adding ? 1 : 0)
}

/// Calls `body` with memory for so many scalars, which hold anything.
func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows
    -> Result
{
    let storage = Storage(count: count)
    return try withExtendedLifetime(storage) { try body(storage.scalars.baseAddress!) }
}
