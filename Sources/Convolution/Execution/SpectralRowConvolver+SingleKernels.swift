/// Kernels that meet one row: a block of the kernel is transformed right before the row's, and that of its gradient is
/// transformed back right after the product, so that neither spectrum leaves the cache. The bits are those of kernels that are
/// prepared.
extension SpectralRowConvolver {
    /// Whether a kernel that meets one row is transformed block by block with it: its spectrum has blocks.
    var takesKernelsInBlocks: Bool { sizes.blockCount > 1 }

    /// output = signal * kernel, for a kernel that meets no other row: of its spectrum there is a block at a time, which
    /// stays in the cache.
    func convolve(
        _ signal: UnsafePointer<Scalar>, withKernel kernel: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        queue.divide()
        prepareRow(kernel, .kernel, into: kernelWork)
        prepareRow(signal, .signal, into: signalWork)
        forEach(sizes.blockCount) { block, memory in
            let spectrum = kernelBlocks(of: memory).kernel
            queue.step()
            transform.transform(block, of: kernelWork, into: spectrum, memory.context(.kernel))
            transform.convolve(block, of: signalWork, with: spectrum, orientation, memory)
            queue.step()
        }
        finishRow(signalWork, .output, into: output)
    }

    /// The pullback of one output row with a kernel that meets no other row: the gradients of the signal and of the kernel
    /// (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, _ kernelGradient: UnsafeMutablePointer<Scalar>?
    ) {
        queue.divide()
        if signalGradient != nil { prepareRow(kernel, .kernel, into: kernelWork) }
        prepareRow(upstream, .output, into: upstreamWork)
        if kernelGradient != nil { prepareRow(signal, .signal, into: signalWork) }
        forEach(sizes.blockCount) { block, memory in
            let (spectrum, gradient) = kernelBlocks(of: memory)
            queue.step()
            if signalGradient != nil {
                transform.transform(block, of: kernelWork, into: spectrum, memory.context(.kernel))
            }
            if kernelGradient != nil { gradient.update(repeating: 0, count: 2 * sizes.blockLength) }
            transform.pullBack(
                block, of: upstreamWork, signal: signalWork, kernel: spectrum, orientation,
                isSignalWanted: signalGradient != nil, addingTo: kernelGradient.map { _ in gradient }, memory)
            if kernelGradient != nil {
                transform.inverseTransform(
                    block, from: gradient, into: kernelWork, memory.context(.kernel))
            }
            queue.step()
        }
        if let kernelGradient { finishRow(kernelWork, .kernel, into: kernelGradient) }
        if let signalGradient { finishRow(upstreamWork, .signal, into: signalGradient) }
    }

    /// A worker's blocks of the spectra of a kernel that meets one row, and of its gradient.
    private func kernelBlocks(
        of memory: BlockMemory<Scalar>
    ) -> (kernel: UnsafeMutablePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>) {
        let kernel = sum + memory.worker * 2 * layout.block
        return (kernel, kernel + layout.block)
    }
}
