/// The powers of two by which a transform of M points scales, so that no value on the way leaves the range of the
/// scalars where operands and results are within it.
///
/// With 2^a, the smallest power of two that is at least √M, the rows x and k are folded times 2^-a each. Their spectra
/// X and K then have 2-norms of √M · 2^-a · ‖x‖ ≤ ‖x‖ and ≤ ‖k‖ (Parseval), which also bounds each of their values; the
/// inverse transform, which is not normalized, adds up at most Σ|X K| ≤ ‖x‖ · ‖k‖ (Cauchy-Schwarz); and what is left to
/// the unfolding is a factor of 4^a / M, which is from 1 to below 4. The fold's own sums, of up to `VL_LARGEST_RADIX` = 8
/// terms, come before the factor and are at most √8 · ‖x‖.
///
/// Powers of two round nothing, so no bit of a result depends on them unless a value is subnormal.
struct RangeScaling {
    /// The smallest a with 4^a ≥ M.
    private let exponent: Int

    init(points: Int) {
        // ⌈log2 M⌉ is the number of bits of M - 1.
        let bits = Int.bitWidth - (points - 1).leadingZeroBitCount
        exponent = (bits + 1) / 2
    }

    /// 2^-a, which the fine twiddle factors carry: those of both directions, as they share their table.
    var ofTwiddles: Double { power(-exponent) }
    /// 2^a, which the unfolding's roots carry, to undo the twiddle factors.
    var ofUnfoldingRoots: Double { power(exponent) }
    /// 4^a, which the factor 1/M of the unfolding carries, to undo the foldings of both operands.
    var ofNormalization: Double { power(2 * exponent) }

    private func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
