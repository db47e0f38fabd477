import Runtime

/// Convolution with context-dependent kernels Ŵ = W ⊙ z1 (HyperZ·Z·W, arXiv 2401.17948): a kernel W for each channel
/// times a factor z1 for each sample. Neither the kernels Ŵ nor their spectra are ever written as a whole.
extension LongConvolution {
    /// output = (kernel ⊙ factor) * signal, for several signals, each Ŵ being transformed once.
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
        let rows = batch * channels
        let maps = RowMaps(.shared(batch: batch, channels: channels), OperandStrides(), plan.key)
        let factors = RowMaps(.perSample(batch: batch, channels: channels), OperandStrides(), plan.key).kernel
        maps.kernel.check(kernel.count, "the kernel")
        factors.check(factor.count, "the factor")
        for signal in signals { maps.signal.check(signal.count, "the signal") }
        for output in outputs { maps.output.check(output.count, "the output") }
        guard rows > 0, !signals.isEmpty else { return }

        let loops = Scalar._loops
        let kernelCount = plan.key.count(.kernel)
        let crew = try Crew(plan, rows: rows * (signals.count + 1), pieces: rows)
        crew.forEachPiece(rows) { index, lane in
            loops.pointee.multiply_reals(
                maps.kernel.row(index % channels, of: kernel), factors.row(index, of: factor),
                lane.kernelRows,
                kernelCount)
            lane.prepare(lane.kernelRows, into: lane.prepared)
            for (signal, output) in zip(signals, outputs) {
                let (input, result) = (maps.signal.row(index, of: signal), maps.output.row(index, of: output))
                lane.convolve(input, with: lane.prepared, into: result)
                writeExactHead(of: input, kernel: lane.kernelRows, into: result)
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
        let rows = batch * channels
        let maps = RowMaps(.shared(batch: batch, channels: channels), OperandStrides(), plan.key)
        let factors = RowMaps(.perSample(batch: batch, channels: channels), OperandStrides(), plan.key).kernel
        maps.kernel.check(kernel.count, "the kernel")
        factors.check(factor.count, "the factor")
        for signal in signals { maps.signal.check(signal.count, "the signal") }
        for case let upstream? in upstreams {
            maps.output.check(upstream.count, "the upstream cotangent")
        }
        for case let gradient? in signalGradients {
            maps.signal.check(gradient.count, "the signal's gradient")
        }
        if let kernelGradient {
            maps.kernel.check(kernelGradient.count, "the kernel's gradient")
        }
        if let factorGradient { factors.check(factorGradient.count, "the factor's gradient") }
        for case (nil, let gradient?) in zip(upstreams, signalGradients) { gradient.update(repeating: 0) }
        kernelGradient?.update(repeating: 0)
        guard rows > 0 else { return }

        let loops = Scalar._loops
        let kernelCount = plan.key.count(.kernel)
        let wantsProduct = kernelGradient != nil || factorGradient != nil
        // A channel's samples are one piece, which adds them to ∂W in order.
        let crew = try Crew(plan, rows: rows * (2 * signals.count + 2), pieces: channels)
        crew.forEachPiece(channels) { channel, lane in
            let weights = maps.kernel.row(channel, of: kernel)
            let productGradient = lane.kernelRows + wholeLines(kernelCount)
            for sample in 0..<batch {
                let index = sample * channels + channel
                let factorRow = factors.row(index, of: factor)
                loops.pointee.multiply_reals(weights, factorRow, lane.kernelRows, kernelCount)
                lane.prepare(lane.kernelRows, into: lane.prepared)
                if wantsProduct { lane.clear(lane.sum) }
                for number in signals.indices {
                    guard let upstream = upstreams[number], wantsProduct || signalGradients[number] != nil
                    else { continue }
                    lane.pullBack(
                        maps.output.row(index, of: upstream),
                        signal: maps.signal.row(index, of: signals[number]),
                        prepared: lane.prepared,
                        into: signalGradients[number].map { maps.signal.row(index, of: $0) },
                        addingTo: wantsProduct ? lane.sum : nil)
                }
                guard wantsProduct else { continue }
                // ∂Ŵ, from which ∂z1 = ∂Ŵ ⊙ W and ∂W = Σ_b ∂Ŵ ⊙ z1.
                lane.storeKernelGradient(lane.sum, into: productGradient)
                if let factorGradient {
                    loops.pointee.multiply_reals(
                        productGradient, weights, factors.row(index, of: factorGradient), kernelCount)
                }
                if let kernelGradient {
                    loops.pointee.accumulate_reals(
                        productGradient, factorRow, maps.kernel.row(channel, of: kernelGradient), kernelCount)
                }
            }
        }
    }
}
