import CVectorLoops

/// The left factor of a product in panels of a few rows, each stored column by column, as the loops read it.
///
/// A factor of several products is packed once. Source: see `panels.inc` in `CVectorLoops`.
struct WeightPanels {
    let rows: Int
    let columns: Int
    private let panels: vl_panels

    /// The number of scalars of the packed panels of a matrix.
    static func scalarCount(rows: Int, columns: Int) -> Int {
        (rows + height - 1) / height * height * columns
    }

    private static var height: Int { Int(vl_panel_height) }

    /// Packs a matrix, or the transpose of one, in `memory`.
    init(_ matrix: MatrixView, isTransposed: Bool = false, in memory: UnsafeMutablePointer<Float>) {
        let (rows, columns) = isTransposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        let (rowStride, columnStride) = isTransposed ? (1, matrix.stride) : (matrix.stride, 1)
        let height = Self.height
        parallelRanges(
            of: (rows + height - 1) / height, scalarsPerIndex: height * columns,
            nanoseconds: Tuning.Nanoseconds.packing
        ) { panels in
            let range = panels.lowerBound * height..<min(rows, panels.upperBound * height)
            vectorLoops.pointee.pack_panels(
                memory + range.lowerBound * columns, matrix.scalars + range.lowerBound * rowStride, rowStride,
                columnStride, range.count, columns)
        }
        (self.rows, self.columns) = (rows, columns)
        panels = vl_panels(first: memory, column_step: height, panel_step: height * columns)
    }

    /// The transpose of a matrix, read in place: its rows are the panels' columns. Fast for matrices of few columns,
    /// whose rows are close together.
    init(transposeOf matrix: MatrixView) {
        (rows, columns) = (matrix.columns, matrix.rows)
        panels = vl_panels(
            first: matrix.scalars, column_step: matrix.stride, panel_step: Self.height)
    }

    /// Writes the product with a matrix whose rows are those of several groups, one below the other, plus an offset for
    /// each row if there are `offsets`.
    ///
    /// Each scalar is summed from front to back: its bits do not depend on what is computed beside it.
    func multiply(
        _ groups: UnsafePointer<vl_row_group>, columns: Int, into result: UnsafeMutablePointer<Float>,
        stride: Int, offsets: [Float]? = nil
    ) {
        vectorLoops.pointee.multiply_rows(
            result, stride, panels, rows, groups, self.columns, columns, offsets)
    }
}
