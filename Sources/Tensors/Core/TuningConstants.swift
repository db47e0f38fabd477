/// The tuning constants of the tensor operations, and what was measured for them.
///
/// Sizes marked *bits* also say how sums are grouped: to change one changes last bits of results. All others change
/// speed alone. The measurements are in decisions 0023, 0026 and 0027.
enum Tuning {
    /// The scalars of a task of a parallel loop, about (*bits*). 64 KiB: the operands of a binary operation and its
    /// result stay in a second-level cache of 256 KiB, and a task takes about 5 µs.
    static let taskScalars = 1 << 14

    /// The scalars of a tile of a sum of cotangents. 16 KiB: sum and addend stay in the first-level cache while all
    /// contributions are added.
    static let cotangentTile = 1 << 12
    /// The contributions to a cotangent that are added in one pass over memory. The pass is bound by memory, so three
    /// at once take little longer than one; more would keep more tensors alive.
    static let pendingCotangents = 3

    /// The columns that are summed side by side: 4 KiB of sums in double precision, within the first-level cache.
    static let summedColumns = 512

    /// The scalars of a tile of a pointwise map's largest operand, 640 KiB, which stay in a second-level cache of
    /// 1 MiB or more (*bits*, of the weight's cotangent).
    static let pointwiseTile = 160 << 10
    /// Tiles of a pointwise map begin at multiples of this many points, the columns of the widest tile of the loops.
    static let pointwiseAlignment = 64

    /// Matrices of up to this many rows are multiplied as a whole ...
    static let wholeMatrixRows = 256
    /// ... and taller ones in tiles of this many rows, whose left factor is packed apart.
    static let matrixTileRows = 128

    /// The multiplications and additions of a matrix product that a thread makes in a nanosecond. 70 to 80 were
    /// measured with AVX-512, half as many with AVX2.
    static let multiplyAddsPerNanosecond = 50.0

    /// Estimates of the time of one thread, in nanoseconds a scalar, for data in the second-level cache.
    ///
    /// They only decide whether a loop is long enough (20 µs) for several threads. A rough value serves: to spread
    /// loops from 30 µs on instead of 100 made no difference to a training step.
    enum Nanoseconds {
        /// One tap of a depthwise correlation.
        static let correlationTap = 0.05
        static let sum = 0.2
        static let arithmetic = 0.3
        /// A running mean or variance, whose sums depend on the ones before; its pullback.
        static let (prefix, prefixPullback) = (0.7, 1.7)
        static let standardizationPullback = 0.5
        static let exponential = 0.6
        static let sigmoid = 0.7
        /// GELU, a sine, and what costs as much: polynomials of ten terms and more.
        static let longPolynomial = 1.0
        /// The pullback of one, with sums.
        static let longPolynomialPullback = 1.3
        /// A feature of one vertex of an interpolation, which reads a table in random order.
        static let gridVertex = 2.0
        /// Copying and packing a scalar of a matrix.
        static let packing = 1.0
    }
}
