// Products of spectra in lanes, where it can be in one pass with the last step of the transform and the first of its
// inverse.
extension ResidueLaneTransform {
    /// work <- the inverse transform of (the transform of `work`) · kernel, or · conj kernel.
    func convolve(
        _ work: UnsafeMutablePointer<Scalar>, with kernel: UnsafePointer<Scalar>, isConjugated: Bool
    ) {
        loops.pointee.convolve(plan, work, kernel, isConjugated ? 1 : 0)
    }

    /// The pullback of one output row, as ``SpectralRowConvolver`` describes it, from folded rows: the signal's gradient
    /// comes to `g`, folded, if it is wanted; `u`, the signal, is destroyed.
    ///
    /// - Parameter spectra: Room for two.
    func pullBack(
        _ g: UnsafeMutablePointer<Scalar>, signal u: UnsafeMutablePointer<Scalar>,
        kernel: UnsafePointer<Scalar>, _ orientation: Orientation, isSignalWanted: Bool,
        addingTo sum: UnsafeMutablePointer<Scalar>?,
        spectra: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
    ) {
        guard let sum else {
            return convolve(g, with: kernel, isConjugated: orientation == .convolution)
        }
        if orientation == .convolution, isSignalWanted {
            return loops.pointee.pull_back(plan, g, u, kernel, sum)
        }
        transform(g, into: spectra.0)
        transform(u, into: spectra.1)
        switch orientation {
        case .convolution: loops.pointee.accumulate_conjugate(spectra.0, spectra.1, sum, rowLength)
        case .correlation: loops.pointee.accumulate_conjugate(spectra.1, spectra.0, sum, rowLength)
        }
        if isSignalWanted {
            loops.pointee.multiply(spectra.0, kernel, spectra.0, rowLength)
            inverseTransform(from: spectra.0, into: g)
        }
    }
}
