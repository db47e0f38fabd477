import Runtime

/// Two-level tables of twiddle factors θ(k, s) for rows k and elements s, which satisfy θ(k, s + t) = θ(k, s) · θ(k, t).
///
/// With s = b · width + j a factor is the product of a coarse one, θ(k, b · width), and a fine one, θ(k, j), so that a
/// long row needs small tables: rows · (width + length / width) numbers.
struct TwiddleTables<Scalar: ConvolutionScalar>: Sendable {
    /// The distance of the rows of fine factors.
    let fineStride: Int
    private let rows: Int
    private let fine: AlignedArray<Scalar>
    /// By block: the rows' real parts, then their imaginary parts. `nil` for a single block, whose factors are 1.
    private let coarse: AlignedArray<Scalar>?

    /// - Parameters:
    ///   - scale: A power of two by which all factors are multiplied.
    ///   - factor: θ(k, s).
    init(
        rows: Int, width: Int, blocks: Int, scale: Double = 1,
        factor: (_ k: Int, _ s: Int) -> (re: Double, im: Double)
    ) {
        self.rows = rows
        fineStride = wholeCacheLines(width)
        fine = AlignedArray(zeros: 2 * rows * fineStride)
        coarse = blocks > 1 ? AlignedArray(zeros: 2 * rows * blocks) : nil
        for k in 0..<rows {
            for j in 0..<width {
                let root = factor(k, j)
                fine.pointer[k * fineStride + j] = Scalar(root.re * scale)
                fine.pointer[(rows + k) * fineStride + j] = Scalar(root.im * scale)
            }
            guard let coarse else { continue }
            for block in 0..<blocks {
                let root = factor(k, block * width)
                coarse.pointer[2 * block * rows + k] = Scalar(root.re)
                coarse.pointer[(2 * block + 1) * rows + k] = Scalar(root.im)
            }
        }
    }

    /// The real parts of the fine factors from element `j` of a block on.
    func fineRe(from j: Int) -> UnsafePointer<Scalar> { UnsafePointer(fine.pointer + j) }
    /// The imaginary parts of the fine factors from element `j` of a block on.
    func fineIm(from j: Int) -> UnsafePointer<Scalar> { UnsafePointer(fine.pointer + rows * fineStride + j) }
    /// The coarse factors of a block; `nil` stands for 1.
    func coarse(_ block: Int) -> UnsafePointer<Scalar>? {
        coarse.map { UnsafePointer($0.pointer + 2 * block * rows) }
    }
}
