/// A worker that convolves one row at a time in a workspace of its own.
///
/// A kernel is prepared once (transformed, say) and then used for many rows; the kernel's gradient is summed in the
/// same form, and converted back once.
enum RowConvolver<Scalar: ConvolutionScalar> {
    case spectral(SpectralRowConvolver<Scalar>)
    case direct(DirectRowConvolver<Scalar>)
    case blocks(BlockedRowConvolver<Scalar>)

    /// A convolver by the given plan, whose every row is shared by `workerCount` threads.
    init(_ plan: Plan<Scalar>, workerCount: Int) {
        self =
            switch plan.method {
            case .spectral(let transform):
                .spectral(SpectralRowConvolver(transform, plan.key, workerCount: workerCount))
            case .direct: .direct(DirectRowConvolver(plan.key))
            case .blocks(let blocks): .blocks(BlockedRowConvolver(blocks, workerCount: workerCount))
            }
    }

    /// Room for a prepared kernel.
    var prepared: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let convolver): convolver.prepared
        case .direct(let convolver): convolver.prepared
        case .blocks(let convolver): convolver.prepared
        }
    }

    /// Room for a sum of kernel gradients.
    var sum: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let convolver): convolver.sum
        case .direct(let convolver): convolver.sum
        case .blocks(let convolver): convolver.sum
        }
    }

    /// Room for two rows of kernel, as they are.
    var kernelRows: UnsafeMutablePointer<Scalar> {
        switch self {
        case .spectral(let convolver): convolver.kernelRows
        case .direct(let convolver): convolver.kernelRows
        case .blocks(let convolver): convolver.kernelRows
        }
    }

    /// The bytes of the workspace.
    var byteCount: Int {
        switch self {
        case .spectral(let convolver): convolver.byteCount
        case .direct(let convolver): convolver.byteCount
        case .blocks(let convolver): convolver.byteCount
        }
    }

    /// Prefetches a row that will be read soon.
    func prefetch(_ row: UnsafePointer<Scalar>, _ role: OperandRole) {
        if case .spectral(let convolver) = self { convolver.prefetch(row, role) }
    }

    /// Prefetches a row that will be written soon.
    func prefetchForWriting(_ row: UnsafeMutablePointer<Scalar>, _ role: OperandRole) {
        if case .spectral(let convolver) = self { convolver.prefetchForWriting(row, role) }
    }

    /// Converts a kernel into the form in which rows are convolved with it.
    func prepare(_ kernel: UnsafePointer<Scalar>, into prepared: UnsafeMutablePointer<Scalar>) {
        switch self {
        case .spectral(let convolver): convolver.transform(kernel, .kernel, into: prepared)
        case .direct(let convolver): convolver.prepare(kernel, into: prepared)
        case .blocks(let convolver): convolver.prepare(kernel, into: prepared)
        }
    }

    /// output = signal * kernel
    func convolve(
        _ signal: UnsafePointer<Scalar>, with prepared: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        switch self {
        case .spectral(let convolver): convolver.convolve(signal, with: prepared, into: output)
        case .direct(let convolver): convolver.convolve(signal, with: prepared, into: output)
        case .blocks(let convolver): convolver.convolve(signal, with: prepared, into: output)
        }
    }

    /// output = signal * kernel, for a kernel that meets no other row; with the one that is `prepared` if it is `nil`.
    @inline(__always)
    func convolve(
        _ signal: UnsafePointer<Scalar>, withSingle kernel: UnsafePointer<Scalar>?,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        if let kernel {
            if case .spectral(let convolver) = self, convolver.takesKernelsInBlocks {
                return convolver.convolve(signal, withKernel: kernel, into: output)
            }
            prepare(kernel, into: prepared)
        }
        convolve(signal, with: prepared, into: output)
    }

    /// Sets a sum of kernel gradients to zero.
    func clear(_ sum: UnsafeMutablePointer<Scalar>) {
        switch self {
        case .spectral(let convolver): convolver.clear(sum)
        case .direct(let convolver): convolver.clear(sum)
        case .blocks(let convolver): convolver.clear(sum)
        }
    }

    /// The pullback of one output row: the signal's gradient (unless `nil`), and the row's term of the kernel's
    /// gradient, added to `sum` (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>, prepared: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        switch self {
        case .spectral(let convolver):
            convolver.pullBack(
                upstream, signal: signal, prepared: prepared, into: signalGradient, addingTo: sum)
        case .direct(let convolver):
            convolver.pullBack(
                upstream, signal: signal, prepared: prepared, into: signalGradient, addingTo: sum)
        case .blocks(let convolver):
            convolver.pullBack(
                upstream, signal: signal, prepared: prepared, into: signalGradient, addingTo: sum)
        }
    }

    /// The pullback of one output row with a kernel that meets no other row: the gradients of the signal and of the kernel
    /// (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, _ kernelGradient: UnsafeMutablePointer<Scalar>?
    ) {
        if case .spectral(let convolver) = self, convolver.takesKernelsInBlocks {
            return convolver.pullBack(
                upstream, signal: signal, kernel: kernel, into: signalGradient, kernelGradient)
        }
        prepare(kernel, into: prepared)
        if kernelGradient != nil { clear(sum) }
        pullBack(
            upstream, signal: signal, prepared: prepared, into: signalGradient,
            addingTo: kernelGradient.map { _ in sum })
        if let kernelGradient { storeKernelGradient(sum, into: kernelGradient) }
    }

    /// Writes the kernel's gradient from its sum, which is destroyed.
    func storeKernelGradient(_ sum: UnsafeMutablePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>)
    {
        switch self {
        case .spectral(let convolver): convolver.inverseTransform(sum, .kernel, into: gradient)
        case .direct(let convolver): convolver.storeKernelGradient(sum, into: gradient)
        case .blocks(let convolver): convolver.storeKernelGradient(sum, into: gradient)
        }
    }
}
