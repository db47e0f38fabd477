import CVectorKernels

/// How products of matrices are made in tiles of one shape, from factors that are packed in strips.
///
/// A library of matrix products packs its factors in each call. Whoever makes many products of the same factors - a
/// layer's weight and all samples, a sample and the weights of several maps - packs each of them once.
///
/// Source: K. Goto, R. A. van de Geijn, *Anatomy of high-performance matrix multiplication*, ACM TOMS 34 (2008).
struct PackedProduct {
    private let loops = vectorLoops
    private let tile: vk_product_tile

    /// Products of about the given size, in the shape of tiles that reaches least beyond their borders.
    init(rows: Int, columns: Int) {
        let (tall, wide) = (loops.pointee.tall_tile, loops.pointee.wide_tile)
        func area(_ tile: vk_product_tile) -> Int {
            roundedUp(rows, toMultipleOf: tile.rows) * roundedUp(columns, toMultipleOf: tile.columns)
        }
        tile = area(tall) <= area(wide) ? tall : wide
    }

    /// The left factors' rows, with those that fill the last strip up.
    func paddedRows(_ rows: Int) -> Int { roundedUp(rows, toMultipleOf: tile.rows) }

    /// The right factors' columns, with those that fill the last strip up.
    func paddedColumns(_ columns: Int) -> Int { roundedUp(columns, toMultipleOf: tile.columns) }

    /// About `count` columns that are whole strips.
    func wholeStrips(about count: Int) -> Int { max(1, count / tile.columns) * tile.columns }

    /// Packs a left factor: `paddedRows` times `columns` scalars.
    func packLeft(_ matrix: MatrixView, into strips: UnsafeMutablePointer<Float>) {
        pack(matrix.transposed, in: tile.rows, into: strips)
    }

    /// Packs a right factor: `rows` times `paddedColumns` scalars.
    func packRight(_ matrix: MatrixView, into strips: UnsafeMutablePointer<Float>) {
        pack(matrix, in: tile.columns, into: strips)
    }

    private func pack(_ matrix: MatrixView, in width: Int, into strips: UnsafeMutablePointer<Float>) {
        let pack = matrix.isTransposed ? loops.pointee.pack_columns : loops.pointee.pack_rows
        let (depth, count) =
            matrix.isTransposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        pack(strips, matrix.scalars, matrix.stride, depth, count, width)
    }

    /// Writes the product of packed factors to `tiles`, or adds it to what is there: `paddedRows` times
    /// `paddedColumns` scalars.
    ///
    /// - Parameter next: memory that is read or written next, and asked for meanwhile.
    func multiply(
        _ left: UnsafePointer<Float>, rows: Int, _ right: UnsafePointer<Float>, columns: Int, depth: Int,
        into tiles: UnsafeMutablePointer<Float>, adding: Bool, next: MatrixView? = nil
    ) {
        tile.multiply(
            tiles, left, right, paddedRows(rows) / tile.rows, paddedColumns(columns) / tile.columns, depth,
            adding ? 1 : 0,
            vk_rows(
                first: next?.scalars, stride: next?.stride ?? 0, count: next?.rows ?? 0,
                length: next?.columns ?? 0))
    }

    /// Writes tiles to a matrix of as many rows and columns, with an offset for each row.
    func unpack(
        _ tiles: UnsafePointer<Float>, rows: Int, columns: Int, into matrix: UnsafeMutablePointer<Float>,
        stride: Int, offsets: [Float]? = nil
    ) {
        loops.pointee.unpack(matrix, stride, tiles, rows, columns, tile.rows, tile.columns, offsets)
    }

    /// Writes the transpose of tiles to the rows of a matrix, `stride` apart: to those of `columns`.
    func unpackTransposed(
        _ tiles: UnsafePointer<Float>, rows: Int, columns: Range<Int>,
        into matrix: UnsafeMutablePointer<Float>, stride: Int
    ) {
        for column in columns {
            let (strip, place) = column.quotientAndRemainder(dividingBy: tile.columns)
            let source = tiles + strip * paddedRows(rows) * tile.columns + place
            for row in 0..<rows { matrix[column * stride + row] = source[row * tile.columns] }
        }
    }
}

private func roundedUp(_ count: Int, toMultipleOf step: Int) -> Int { (count + step - 1) / step * step }

/// Calls `body` with two pieces of memory for so many scalars, which hold anything.
func withScratch(
    _ firstCount: Int, _ secondCount: Int,
    _ body: (_ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) -> Void
) {
    let (first, second) = (Storage(count: firstCount), Storage(count: secondCount))
    withExtendedLifetime((first, second)) { body(first.scalars.baseAddress!, second.scalars.baseAddress!) }
}
