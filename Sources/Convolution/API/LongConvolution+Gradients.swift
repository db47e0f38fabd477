import Runtime

extension LongConvolution {
    /// The gradients of a scalar with respect to the signal and the kernel, given its gradient with respect to the output.
    ///
    /// With g the upstream cotangent, ∂signal is the correlation of g with the kernel, and ∂kernel that of g with the signal.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel is applied to which signals.
    ///   - upstream: ∂/∂output, `[B, C, ...outputExtents]`
    ///   - signalGradient: Receives ∂/∂signal; `nil` if it is not wanted, and then it is not computed.
    ///   - kernelGradient: Receives ∂/∂kernel, summed over the rows that share a kernel, in an order that follows from the pairing;
    ///     `nil` if it is not wanted.
    ///   - strides: How the operands and their gradients lie in memory, where they are not contiguous batches.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    public func gradients(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        upstream: UnsafeBufferPointer<Scalar>, signalGradient: UnsafeMutableBufferPointer<Scalar>?,
        kernelGradient: UnsafeMutableBufferPointer<Scalar>?, strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        try gradients(
            [signal], kernel: kernel, pairing, upstreams: [upstream], signalGradients: [signalGradient],
            kernelGradient: kernelGradient, strides: strides)
    }

    /// The gradients for several signals against the same kernels: a signal's gradient and a whole upstream that is
    /// zero may be `nil`.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func gradients(
        _ signals: [UnsafeBufferPointer<Scalar>], kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        upstreams: [UnsafeBufferPointer<Scalar>?], signalGradients: [UnsafeMutableBufferPointer<Scalar>?],
        kernelGradient: UnsafeMutableBufferPointer<Scalar>?, strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        try gradients(
            signals, kernel: kernel, pairing, upstreams: upstreams, signalGradients: signalGradients,
            kernelGradient: kernelGradient, sums: nil, strides: strides)
    }

    /// The gradients with those of shared kernels summed along the tree of the batch's groups, if `sums` are given; or those of
    /// the signals, and the sums over a part of the batch of which the kernels' are made.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    package func gradients(
        _ signals: [UnsafeBufferPointer<Scalar>], kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        upstreams: [UnsafeBufferPointer<Scalar>?], signalGradients: [UnsafeMutableBufferPointer<Scalar>?],
        kernelGradient: UnsafeMutableBufferPointer<Scalar>?, sums: SumsOverGroups<Scalar>?,
        strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        require(
            signals.count == upstreams.count && signals.count == signalGradients.count,
            "\(signals.count) signals need as many upstreams and gradients, got \(upstreams.count) and \(signalGradients.count)"
        )
        let layouts = RowLayouts(pairing, strides, plan.key)
        for signal in signals { layouts.signal.check(signal.count, "the signal") }
        for case let upstream? in upstreams { layouts.output.check(upstream.count, "the upstream cotangent") }
        for case let gradient? in signalGradients {
            layouts.signalGradient.check(gradient.count, "the signal's gradient")
            layouts.signalGradient.requireDisjointRows("the signal's gradient")
        }
        layouts.kernel.check(kernel.count, "the kernel")
        if let kernelGradient {
            layouts.kernelGradient.check(kernelGradient.count, "the kernel's gradient")
            layouts.kernelGradient.requireDisjointRows("the kernel's gradient")
        }
        /// Called once no allocation can fail any more: after an error nothing has been written.
        func clearGradientsOfZero() {
            for case (nil, let gradient?) in zip(upstreams, signalGradients) {
                layouts.signalGradient.clear(gradient)
            }
        }
        let target = KernelGradientTarget(kernelGradient, sums)
        guard pairing.outputCount > 0, pairing.signalCount > 0,
            !target.isNone || signalGradients.contains(where: { $0 != nil })
        else {
            // Sums over no samples, or no outputs.
            sums?.kernels?.update(repeating: 0, count: pairing.kernelCount * plan.preparedCount)
            if let kernelGradient { layouts.kernelGradient.clear(kernelGradient) }
            for case let gradient? in signalGradients { layouts.signalGradient.clear(gradient) }
            return
        }
        if let dense = try dense(pairing) {
            let pullbacks = signals.indices.compactMap { index in
                upstreams[index].map {
                    DenseConvolution<Scalar>.Pullback(
                        signal: signals[index].baseAddress!, upstream: $0.baseAddress!,
                        signalGradient: signalGradients[index]?.baseAddress)
                }
            }
            if pullbacks.isEmpty {
                kernelGradient?.update(repeating: 0)
            } else {
                try dense.gradients(
                    pullbacks, kernel: kernel.baseAddress!, kernelGradient: kernelGradient?.baseAddress)
            }
            return clearGradientsOfZero()
        }

        let partition = WorkPartition(
            pairing: pairing, signalCount: signals.count, summing: sums?.groups)
        let pass = try BackwardPass(plan, partition, kernel: kernel, layouts, target: target)
        clearGradientsOfZero()
        pass.forEachRow { current in
            let (convolver, isKernelGradientWanted) = (current.convolver, current.isKernelGradientWanted)
            let (index, row) = partition.row(current.number, of: current.task)
            guard let upstream = upstreams[index] else {
                return current.skip(elements: plan.key.count(.kernel))
            }
            guard isKernelGradientWanted || signalGradients[index] != nil else { return }
            if let gradient = signalGradients[index] {
                convolver.prefetchForWriting(layouts.signalGradient.row(row, of: gradient), .signal)
            }
            if let next = partition.row(after: current.number, of: current.task) {
                if let upstream = upstreams[next.signal] {
                    convolver.prefetch(layouts.output.row(next.row, of: upstream), .output)
                }
                if isKernelGradientWanted {
                    convolver.prefetch(layouts.signal.row(next.row, of: signals[next.signal]), .signal)
                }
                if next.kernel != current.kernelIndex {
                    convolver.prefetch(layouts.kernel.row(next.kernel, of: kernel), .kernel)
                }
            }
            current.pullBack(
                layouts.output.row(row, of: upstream), signal: layouts.signal.row(row, of: signals[index]),
                into: signalGradients[index].map { layouts.signalGradient.row(row, of: $0) })
        }
    }
}
