import Runtime

extension LongConvolution {
    /// The gradients of a scalar with respect to the signal and the kernel, given that with respect to the output.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel meets which signals.
    ///   - upstream: ∂/∂output, `[B, C, ...outputExtents]`
    ///   - signalGradient: Receives ∂/∂signal; `nil` if it is not wanted, and then it is not computed.
    ///   - kernelGradient: Receives ∂/∂kernel, summed over what shares a kernel; `nil` if it is not wanted.
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
        require(
            signals.count == upstreams.count && signals.count == signalGradients.count,
            "\(signals.count) signals need as many upstreams and gradients, got \(upstreams.count) and \(signalGradients.count)"
        )
        let maps = RowMaps(pairing, strides, plan.key)
        for signal in signals { maps.signal.check(signal.count, "the signal") }
        for case let upstream? in upstreams { maps.output.check(upstream.count, "the upstream cotangent") }
        for case let gradient? in signalGradients {
            maps.signal.check(gradient.count, "the signal's gradient")
            maps.signal.checkApart("the signal's gradient")
        }
        maps.kernel.check(kernel.count, "the kernel")
        if let kernelGradient {
            maps.kernel.check(kernelGradient.count, "the kernel's gradient")
            maps.kernel.checkApart("the kernel's gradient")
        }
        for case (nil, let gradient?) in zip(upstreams, signalGradients) { maps.signal.clear(gradient) }
        guard pairing.outputCount > 0, pairing.signalCount > 0,
            kernelGradient != nil || signalGradients.contains(where: { $0 != nil })
        else {
            // Sums over no samples, or no outputs.
            if let kernelGradient { maps.kernel.clear(kernelGradient) }
            for case let gradient? in signalGradients { maps.signal.clear(gradient) }
            return
        }
        if let dense = try dense(pairing) {
            require(signals.count == 1, "a dense pairing takes one signal, got \(signals.count)")
            guard let upstream = upstreams[0] else {
                kernelGradient?.update(repeating: 0)
                return
            }
            return try dense.gradients(
                signals[0].baseAddress!, kernel: kernel.baseAddress!, upstream: upstream.baseAddress!,
                signalGradient: signalGradients[0]?.baseAddress, kernelGradient: kernelGradient?.baseAddress)
        }

        let schedule = Schedule(pairing: pairing, signalCount: signals.count)
        let crew = try Crew(
            plan, rows: schedule.rowsPerKernel * schedule.kernelCount, pieces: schedule.pieceCount)
        // Where a kernel's rows are in several pieces, each sums a part.
        let sumCount = plan.preparedCount
        let hasParts = schedule.chunksPerKernel > 1 && kernelGradient != nil
        let parts = hasParts ? AlignedArray<Scalar>(zeros: schedule.pieceCount * sumCount) : nil

        crew.forEachPiece(schedule.pieceCount) { piece, lane in
            let kernelIndex = schedule.kernel(of: piece)
            let sum = kernelGradient.map { _ in parts.map { $0.pointer + piece * sumCount } ?? lane.sum }
            if let sum { lane.clear(sum) }
            lane.prepare(maps.kernel.row(kernelIndex, of: kernel), into: lane.prepared)
            if let kernelGradient, !hasParts {
                lane.prefetchForWriting(maps.kernel.row(kernelIndex, of: kernelGradient), .kernel)
            }
            for number in schedule.rows(of: piece) {
                let (index, row) = schedule.row(number, of: piece)
                guard let upstream = upstreams[index], sum != nil || signalGradients[index] != nil else {
                    continue
                }
                if let gradient = signalGradients[index] {
                    lane.prefetchForWriting(maps.signal.row(row, of: gradient), .signal)
                }
                if let next = schedule.row(after: number, of: piece) {
                    if let upstream = upstreams[next.signal] {
                        lane.prefetch(maps.output.row(next.row, of: upstream), .output)
                    }
                    if sum != nil {
                        lane.prefetch(maps.signal.row(next.row, of: signals[next.signal]), .signal)
                    }
                    if next.kernel != kernelIndex {
                        lane.prefetch(maps.kernel.row(next.kernel, of: kernel), .kernel)
                    }
                }
                lane.pullBack(
                    maps.output.row(row, of: upstream), signal: maps.signal.row(row, of: signals[index]),
                    prepared: lane.prepared,
                    into: signalGradients[index].map { maps.signal.row(row, of: $0) }, addingTo: sum)
            }
            if let sum, !hasParts {
                lane.storeKernelGradient(sum, into: maps.kernel.row(kernelIndex, of: kernelGradient!))
            }
        }
        if let parts, let kernelGradient {
            crew.forEachPiece(schedule.kernelCount) { kernelIndex, lane in
                let first = parts.pointer + kernelIndex * schedule.chunksPerKernel * sumCount
                for chunk in 1..<schedule.chunksPerKernel {
                    Scalar._loops.pointee.add_scaled(first + chunk * sumCount, 1, first, sumCount)
                }
                lane.storeKernelGradient(first, into: maps.kernel.row(kernelIndex, of: kernelGradient))
            }
        }
    }
}
