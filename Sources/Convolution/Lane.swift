/// The workspace of one worker, and what is done in it with one row at a time.
///
/// A kernel is prepared once (transformed, say) and then meets many rows; the kernel's gradient is summed in the same
/// form, and brought back once.
enum Lane<Scalar: ConvolutionScalar> {
    case spectral(SpectralLane<Scalar>)
    case direct(DirectLane<Scalar>)

    /// Room for a prepared kernel.
    var prepared: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let lane): lane.prepared
        case .direct(let lane): lane.prepared
        }
    }

    /// Room for a sum of kernel gradients.
    var sum: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let lane): lane.sum
        case .direct(let lane): lane.sum
        }
    }

    /// Room for two rows of kernel, as they are.
    var kernelRows: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let lane): lane.kernelRows
        case .direct(let lane): lane.kernelRows
        }
    }

    /// The bytes of the workspace.
    var byteCount: Int {
        switch self {
        case .spectral(let lane): lane.byteCount
        case .direct(let lane): lane.byteCount
        }
    }

    /// Asks for a row's memory, which will be read soon.
    func prefetch(_ row: UnsafePointer<Scalar>, _ role: Role) {
        if case .spectral(let lane) = self { lane.prefetch(row, role) }
    }

    /// Asks for a row's memory, which will be written soon.
    func prefetchForWriting(_ row: UnsafeMutablePointer<Scalar>, _ role: Role) {
        if case .spectral(let lane) = self { lane.prefetchForWriting(row, role) }
    }

    /// Writes a kernel in the form in which rows meet it.
    func prepare(_ kernel: UnsafePointer<Scalar>, into prepared: UnsafeMutablePointer<Scalar>) {
        switch self {
        case .spectral(let lane): lane.transform(kernel, .kernel, into: prepared)
        case .direct(let lane): lane.prepare(kernel, into: prepared)
        }
    }

    /// output = signal * kernel
    func convolve(
        _ signal: UnsafePointer<Scalar>, with prepared: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        switch self {
        case .spectral(let lane): lane.convolve(signal, with: prepared, into: output)
        case .direct(let lane): lane.convolve(signal, with: prepared, into: output)
        }
    }

    /// Sets a sum of kernel gradients to zero.
    func clear(_ sum: UnsafeMutablePointer<Scalar>) {
        switch self {
        case .spectral(let lane): lane.clear(sum)
        case .direct(let lane): lane.clear(sum)
        }
    }

    /// What comes back from one output row: the signal's gradient (unless `nil`), and its part of the kernel's
    /// gradient, added to `sum` (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>, prepared: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        switch self {
        case .spectral(let lane):
            lane.pullBack(upstream, signal: signal, prepared: prepared, into: signalGradient, addingTo: sum)
        case .direct(let lane):
            lane.pullBack(upstream, signal: signal, prepared: prepared, into: signalGradient, addingTo: sum)
        }
    }

    /// Writes the kernel's gradient from its sum, which is destroyed.
    func storeKernelGradient(_ sum: UnsafeMutablePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>)
    {
        switch self {
        case .spectral(let lane): lane.untransform(sum, .kernel, into: gradient)
        case .direct(let lane): lane.storeKernelGradient(sum, into: gradient)
        }
    }
}
