import Runtime

/// Convolution with context-dependent kernels Ŵ = W ⊙ z1 (HyperZ·Z·W, arXiv 2401.17948): a kernel W for each channel
/// times a factor z1 for each sample. The kernels Ŵ and their spectra exist a row at a time, never as a whole.
extension LongConvolution {
    /// output = (kernel ⊙ factor) * signal, for several signals; each Ŵ is transformed once.
    ///
    /// - Parameters:
    ///   - kernel: W, `[C, ...kernelExtents]`
    ///   - factor: z1, `[B, C, ...kernelExtents]`
    ///   - signals: Each z2, `[B, C, ...signalExtents]`
    ///   - batch: The number B of samples.
    ///   - channels: The number C of channels.
    ///   - outputs: One for each signal, `[B, C, ...outputExtents]`, every element of which is written.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func applyContextKernel(
        _ kernel: UnsafeBufferPointer<Scalar>, factor: UnsafeBufferPointer<Scalar>,
        to signals: [UnsafeBufferPointer<Scalar>], batch: Int, channels: Int,
        into outputs: [UnsafeMutableBufferPointer<Scalar>]
    ) throws(ConvolutionError) {
        require(
            signals.count == outputs.count,
            "\(signals.count) signals need as many outputs, got \(outputs.count)")
        let layouts = RowLayouts(.shared(batch: batch, channels: channels), OperandStrides(), plan.key)
        let rows = batch * channels
        let factors = RowLayouts(.perSample(batch: batch, channels: channels), OperandStrides(), plan.key)
            .kernel
        layouts.kernel.check(kernel.count, "the kernel")
        factors.check(factor.count, "the factor")
        for signal in signals { layouts.signal.check(signal.count, "the signal") }
        for output in outputs { layouts.output.check(output.count, "the output") }
        guard rows > 0, !signals.isEmpty else { return }

        let loops = Scalar.vectorLoops
        let kernelCount = plan.key.count(.kernel)
        let team = try WorkerTeam(plan, rows: rows, rowsAtOnce: signals.count + 1, tasks: rows)
        team.forEachTask(rows) { index, convolver in
            loops.pointee.multiply_reals(
                layouts.kernel.row(index % channels, of: kernel), factors.row(index, of: factor),
                convolver.kernelRows,
                kernelCount)
            convolver.prepare(convolver.kernelRows, into: convolver.prepared)
            for (signal, output) in zip(signals, outputs) {
                let (input, result) = (
                    layouts.signal.row(index, of: signal), layouts.output.row(index, of: output)
                )
                convolver.convolve(input, with: convolver.prepared, into: result)
                writeExactHead(of: input, kernel: convolver.kernelRows, into: result)
            }
        }
    }

    /// The gradients of ``applyContextKernel(_:factor:to:batch:channels:into:)``, given those of its outputs.
    ///
    /// - Parameters:
    ///   - kernel: W, `[C, ...kernelExtents]`
    ///   - factor: z1, `[B, C, ...kernelExtents]`
    ///   - signals: Each z2, `[B, C, ...signalExtents]`
    ///   - batch: The number B of samples.
    ///   - channels: The number C of channels.
    ///   - upstreams: ∂/∂output for each signal; `nil` for one that is zero.
    ///   - kernelGradient: Receives ∂/∂W; `nil` if it is not wanted, and then it is not computed.
    ///   - factorGradient: Receives ∂/∂z1; `nil` if it is not wanted.
    ///   - signalGradients: Receive ∂/∂z2, one for each signal; `nil` for those not wanted.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func contextKernelGradients(
        _ kernel: UnsafeBufferPointer<Scalar>, factor: UnsafeBufferPointer<Scalar>,
        signals: [UnsafeBufferPointer<Scalar>], batch: Int, channels: Int,
        upstreams: [UnsafeBufferPointer<Scalar>?], kernelGradient: UnsafeMutableBufferPointer<Scalar>?,
        factorGradient: UnsafeMutableBufferPointer<Scalar>?,
        signalGradients: [UnsafeMutableBufferPointer<Scalar>?]
    ) throws(ConvolutionError) {
        require(
            signals.count == upstreams.count && signals.count == signalGradients.count,
            "\(signals.count) signals need as many upstreams and gradients, got \(upstreams.count) and \(signalGradients.count)"
        )
        let layouts = RowLayouts(.shared(batch: batch, channels: channels), OperandStrides(), plan.key)
        let rows = batch * channels
        let factors = RowLayouts(.perSample(batch: batch, channels: channels), OperandStrides(), plan.key)
            .kernel
        layouts.kernel.check(kernel.count, "the kernel")
        factors.check(factor.count, "the factor")
        for signal in signals { layouts.signal.check(signal.count, "the signal") }
        for case let upstream? in upstreams {
            layouts.output.check(upstream.count, "the upstream cotangent")
        }
        for case let gradient? in signalGradients {
            layouts.signal.check(gradient.count, "the signal's gradient")
        }
        if let kernelGradient {
            layouts.kernel.check(kernelGradient.count, "the kernel's gradient")
        }
        if let factorGradient { factors.check(factorGradient.count, "the factor's gradient") }
        guard rows > 0 else {
            kernelGradient?.update(repeating: 0)
            return
        }

        let loops = Scalar.vectorLoops
        let kernelCount = plan.key.count(.kernel)
        let wantsProduct = kernelGradient != nil || factorGradient != nil
        // A channel's samples are one task, which adds them to ∂W in order.
        let team = try WorkerTeam(plan, rows: rows, rowsAtOnce: 2 * signals.count + 2, tasks: channels)
        for case (nil, let gradient?) in zip(upstreams, signalGradients) { gradient.update(repeating: 0) }
        kernelGradient?.update(repeating: 0)
        team.forEachTask(channels) { channel, convolver in
            let weights = layouts.kernel.row(channel, of: kernel)
            let productGradient = convolver.kernelRows + wholeCacheLines(kernelCount)
            for sample in 0..<batch {
                let index = sample * channels + channel
                let factorRow = factors.row(index, of: factor)
                loops.pointee.multiply_reals(weights, factorRow, convolver.kernelRows, kernelCount)
                convolver.prepare(convolver.kernelRows, into: convolver.prepared)
                if wantsProduct { convolver.clear(convolver.sum) }
                for number in signals.indices {
                    guard let upstream = upstreams[number], wantsProduct || signalGradients[number] != nil
                    else { continue }
                    convolver.pullBack(
                        layouts.output.row(index, of: upstream),
                        signal: layouts.signal.row(index, of: signals[number]),
                        prepared: convolver.prepared,
                        into: signalGradients[number].map { layouts.signal.row(index, of: $0) },
                        addingTo: wantsProduct ? convolver.sum : nil)
                }
                guard wantsProduct else { continue }
                // ∂Ŵ, from which ∂z1 = ∂Ŵ ⊙ W and ∂W = Σ_b ∂Ŵ ⊙ z1.
                convolver.storeKernelGradient(convolver.sum, into: productGradient)
                if let factorGradient {
                    loops.pointee.multiply_reals(
                        productGradient, weights, factors.row(index, of: factorGradient), kernelCount)
                }
                if let kernelGradient {
                    loops.pointee.accumulate_reals(
                        productGradient, factorRow, layouts.kernel.row(channel, of: kernelGradient),
                        kernelCount)
                }
            }
        }
    }
}
