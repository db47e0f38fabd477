import CVectorLoops

/// The transform of N points in each lane, with the products of its spectra: what is left of a residue-lane transform
/// behind the fold, and what goes down the columns of a plane.
///
/// Numbers are pairs of vectors, `[N][re · lanes][im · lanes]`; spectra are permuted.
struct LaneTransform<Scalar: ConvolutionScalar>: Sendable {
    /// Constant: a table of functions.
    nonisolated(unsafe) let loops: LaneLoops
    private let tables: LaneTables<Scalar>
    /// Into `tables`, which are there as long: a reference would be counted for every row.
    nonisolated(unsafe) let plan: UnsafePointer<vl_lane_plan>
    /// N.
    let length: Int
    /// The scalars of a number.
    let numberCount: Int

    init(_ tables: LaneTables<Scalar>, loops: LaneLoops) {
        self.loops = loops
        self.tables = tables
        plan = tables.plan
        length = plan.pointee.steps.length
        numberCount = 2 * Int(loops.pointee.lanes)
    }

    /// Transforms `data`, which is destroyed, into `spectrum`; they may be the same memory.
    func transform(
        _ data: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        prefetching prefetches: UnsafeMutablePointer<vl_prefetches>? = nil
    ) {
        loops.pointee.transform(plan, data, spectrum, prefetches)
    }

    /// The inverse transform times N; `spectrum` is destroyed; they may be the same memory.
    func inverseTransform(
        from spectrum: UnsafeMutablePointer<Scalar>, into data: UnsafeMutablePointer<Scalar>,
        prefetching prefetches: UnsafeMutablePointer<vl_prefetches>? = nil
    ) {
        loops.pointee.inverse(plan, spectrum, data, prefetches)
    }

    /// data <- N times the inverse transform of (the transform of `data`) · kernel, or · conj kernel: one pass does the last
    /// step, the product and the first step of the inverse.
    func convolve(
        _ data: UnsafeMutablePointer<Scalar>, with kernel: UnsafePointer<Scalar>, isConjugated: Bool,
        prefetching prefetches: UnsafeMutablePointer<vl_prefetches>? = nil
    ) {
        loops.pointee.convolve(plan, data, kernel, isConjugated ? 1 : 0, prefetches)
    }

    /// The pullback of one output row, as ``SpectralRowConvolver`` describes it: the signal's gradient comes to `g`, if it is
    /// wanted; `u`, the signal, is destroyed.
    func pullBack(
        _ g: UnsafeMutablePointer<Scalar>, signal u: UnsafeMutablePointer<Scalar>,
        kernel: UnsafePointer<Scalar>, _ orientation: Orientation, isSignalWanted: Bool,
        addingTo sum: UnsafeMutablePointer<Scalar>?,
        prefetching prefetches: UnsafeMutablePointer<vl_prefetches>? = nil
    ) {
        guard let sum else {
            return convolve(
                g, with: kernel, isConjugated: orientation == .convolution, prefetching: prefetches)
        }
        if orientation == .convolution, isSignalWanted {
            return loops.pointee.pull_back(plan, g, u, kernel, sum, prefetches)
        }
        transform(g, into: g, prefetching: prefetches)
        transform(u, into: u, prefetching: prefetches)
        switch orientation {
        case .convolution: loops.pointee.accumulate_conjugate(g, u, sum, length)
        case .correlation: loops.pointee.accumulate_conjugate(u, g, sum, length)
        }
        if isSignalWanted {
            loops.pointee.multiply(g, kernel, g, length)
            inverseTransform(from: g, into: g)
        }
    }
}
