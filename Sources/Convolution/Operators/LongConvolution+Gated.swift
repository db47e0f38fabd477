import Runtime

/// Convolution with gates and a skip connection, and batches whose rows have different lengths.
extension LongConvolution {
    /// output = outputGate ⊙ (kernel * v + skip v), with v = inputGate ⊙ signal, row by row.
    ///
    /// Rows are gated in the cache, before and after their convolution. Parts that are `nil` cost nothing.
    ///
    /// - Parameters:
    ///   - signal: u, `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel is applied to which signals; not dense.
    ///   - gates: The gates and the skip.
    ///   - lengths: The length of each sample's rows, `[B]`, each 0 to L, in one dimension and not for `.circular`: what lies
    ///     beyond counts as zero, whatever it is, and outputs beyond those of such a signal are zero.
    ///   - output: `[B, C, ...outputExtents]`, every element of which is written; it overlaps no input.
    ///   - ungated: Receives kernel * v + skip v, as `output`, for ``gradients(_:kernel:_:gates:lengths:upstream:ungated:into:strides:)``
    ///     to use; `nil` if it is not wanted.
    ///   - strides: How signal, kernel and outputs lie in memory, where they are not contiguous batches.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        gates: Gates<Scalar>, lengths: [Int]? = nil, into output: UnsafeMutableBufferPointer<Scalar>,
        ungated: UnsafeMutableBufferPointer<Scalar>? = nil, strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        let layouts = RowLayouts(pairing, strides, plan.key)
        var rows = rowOperator(pairing, gates, lengths)
        layouts.signal.check(signal.count, "the signal")
        layouts.output.check(output.count, "the output")
        layouts.output.requireDisjointRows("the output")
        if let ungated { layouts.output.check(ungated.count, "the ungated output") }
        layouts.kernel.check(kernel.count, "the kernel")
        guard pairing.signalCount > 0 else { return }

        let partition = WorkPartition(pairing: pairing, signalCount: 1)
        let isSingle = partition.hasOneRowForEachKernel
        let team = try WorkerTeam(
            plan, rows: partition.rowCount, tasks: partition.taskCount,
            stagedCount: RowOperator<Scalar>.stagedCount(plan.key))
        rows.threads = team.threadsOfRow
        team.forEachTask(partition.taskCount) { [rows] task, convolver, staged in
            let weights = layouts.kernel.row(partition.kernel(of: task), of: kernel)
            let single = isSingle ? weights : nil
            if single == nil { convolver.prepare(weights, into: convolver.prepared) }
            for number in partition.rows(of: task) {
                let row = partition.row(number, of: task).row
                let result = layouts.output.row(row, of: output)
                let target = ungated.map { layouts.output.row(row, of: $0) } ?? result
                convolver.prefetchForWriting(target, .output)
                if let gate = gates.output {
                    convolver.prefetch(rows.outputGateLayout.row(row, of: gate), .output)
                }
                if target != result { convolver.prefetchForWriting(result, .output) }
                if let next = partition.row(after: number, of: task) {
                    convolver.prefetch(layouts.signal.row(next.row, of: signal), .signal)
                    if let gate = gates.input {
                        convolver.prefetch(rows.inputGateLayout.row(next.row, of: gate), .signal)
                    }
                }
                let v = rows.gatedSignal(
                    row, layouts.signal.row(row, of: signal), into: rows.stagedRows(staged!).v)
                convolver.convolve(v, withSingle: single, into: target)
                writeExactHead(of: v, kernel: weights, into: target)
                rows.finish(row, v, target, into: result)
            }
        }
    }

    /// The gradients of ``apply(_:kernel:_:gates:lengths:into:ungated:strides:)``.
    ///
    /// With g the upstream cotangent and h = outputGate ⊙ g: ∂v = correlation(kernel, h) + skip h, ∂signal = inputGate ⊙ ∂v,
    /// ∂inputGate = signal ⊙ ∂v, ∂skip[c] = Σ h v, ∂kernel = correlation(v, h), ∂outputGate = g ⊙ (kernel * v + skip v).
    /// Beyond a sample's length the gradients are zero, and the upstream cotangent there counts as zero.
    ///
    /// - Parameters:
    ///   - signal: u, `[B, C, ...signalExtents]`
    ///   - kernel: As for the forward pass.
    ///   - pairing: Which kernel is applied to which signals; not dense.
    ///   - gates: The gates and the skip.
    ///   - lengths: The length of each sample's rows, `[B]`, or `nil`.
    ///   - upstream: g = ∂/∂output, `[B, C, ...outputExtents]`
    ///   - ungated: What the forward pass wrote there; without it, it is computed again where ∂outputGate is wanted.
    ///   - gradients: Receives the gradients that are wanted; one of a part that `gates` lacks may not be.
    ///   - strides: How the operands and their gradients lie in memory, where they are not contiguous batches.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func gradients(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        gates: Gates<Scalar>, lengths: [Int]? = nil, upstream: UnsafeBufferPointer<Scalar>,
        ungated: UnsafeBufferPointer<Scalar>? = nil, into gradients: GatedGradients<Scalar>,
        strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        try self.gradients(
            signal, kernel: kernel, pairing, gates: gates, lengths: lengths, upstream: upstream,
            ungated: ungated, into: gradients, sums: nil, strides: strides)
    }

    /// The gradients, with those of shared kernels summed as `sums` says.
    ///
    /// - Parameter skipTerms: Receives each row's term of the skip's gradient, `[B, C]`; `nil` if they are not wanted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    package func gradients(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        gates: Gates<Scalar>, lengths: [Int]?, upstream: UnsafeBufferPointer<Scalar>,
        ungated: UnsafeBufferPointer<Scalar>?, into gradients: GatedGradients<Scalar>,
        sums: SumsOverGroups<Scalar>?, skipTerms: UnsafeMutablePointer<Double>? = nil,
        strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        let layouts = RowLayouts(pairing, strides, plan.key)
        var rows = rowOperator(pairing, gates, lengths)
        layouts.signal.check(signal.count, "the signal")
        layouts.kernel.check(kernel.count, "the kernel")
        layouts.output.check(upstream.count, "the upstream cotangent")
        if let ungated { layouts.output.check(ungated.count, "the ungated output") }
        check(gradients, layouts, rows)
        let ofInputGate = rows.inputGateLayout.strided(gradients.inputGateStrides)
        let ofOutputGate = rows.outputGateLayout.strided(gradients.outputGateStrides)
        guard pairing.signalCount > 0 else {
            if let gradient = gradients.kernel { layouts.kernelGradient.clear(gradient) }
            gradients.skip?.update(repeating: 0)
            return
        }

        let target = KernelGradientTarget(gradients.kernel, sums)
        let partition = WorkPartition(pairing: pairing, signalCount: 1, summing: sums?.groups)
        let pass = try BackwardPass(
            plan, partition, kernel: kernel, layouts, target: target,
            stagedCount: RowOperator<Scalar>.stagedCount(plan.key))
        rows.threads = pass.team.threadsOfRow
        let ownTerms = PooledArray<Double>(
            count: gradients.skip != nil && skipTerms == nil ? pairing.signalCount : 0)
        let skipTerms = skipTerms ?? gradients.skip.map { _ in ownTerms.pointer }
        defer { withExtendedLifetime(ownTerms) {} }
        let isSignalWanted = gradients.signal != nil || gradients.inputGate != nil
        pass.forEachRow { [rows] current in
            let (convolver, staged) = (current.convolver, rows.stagedRows(current.staged!))
            let row = partition.row(current.number, of: current.task).row
            let signalGradient = gradients.signal.map { layouts.signalGradient.row(row, of: $0) }
            let gateGradient = gradients.inputGate.map { ofInputGate.row(row, of: $0) }
            if let signalGradient { convolver.prefetchForWriting(signalGradient, .signal) }
            if let gateGradient { convolver.prefetchForWriting(gateGradient, .signal) }
            if let next = partition.row(after: current.number, of: current.task)?.row {
                convolver.prefetch(layouts.signal.row(next, of: signal), .signal)
                if let gate = gates.input {
                    convolver.prefetch(rows.inputGateLayout.row(next, of: gate), .signal)
                }
                convolver.prefetch(layouts.output.row(next, of: upstream), .output)
                if let gradient = gradients.outputGate {
                    if let ungated { convolver.prefetch(layouts.output.row(next, of: ungated), .output) }
                    convolver.prefetchForWriting(ofOutputGate.row(next, of: gradient), .output)
                }
                if let gate = gates.output {
                    convolver.prefetch(rows.outputGateLayout.row(next, of: gate), .output)
                }
            }
            let (u, g) = (layouts.signal.row(row, of: signal), layouts.output.row(row, of: upstream))
            let v = rows.gatedSignal(row, u, into: staged.v)
            if let gradient = gradients.outputGate {
                let result: UnsafePointer<Scalar>
                if let ungated {
                    result = layouts.output.row(row, of: ungated)
                } else {
                    current.convolve(v, into: staged.h)
                    writeExactHead(
                        of: v, kernel: layouts.kernel.row(current.kernelIndex, of: kernel), into: staged.h)
                    rows.addSkip(row, v, to: staged.h)
                    result = UnsafePointer(staged.h)
                }
                rows.storeOutputGateGradient(
                    row, g, ungated: result, into: ofOutputGate.row(row, of: gradient))
            }
            let h = rows.gatedUpstream(row, g, into: staged.h)
            if let skipTerms { skipTerms[row] = rows.skipGradient(h, v) }
            let dv = gates.input == nil ? signalGradient : isSignalWanted ? staged.dv : nil
            guard dv != nil || current.isKernelGradientWanted else { return }
            current.pullBack(h, signal: v, into: dv)
            guard let dv else { return }
            rows.finishSignalGradient(
                row, dv, h: h, signal: u, into: signalGradient, gateGradient)
        }
        guard let gradient = gradients.skip, let skipTerms else { return }
        let groups = BatchGroups(samples: pairing.signalCount / rows.channels)
        for channel in gradient.indices {
            gradient[channel] = Scalar(groups.sum { skipTerms[$0 * rows.channels + channel] })
        }
    }
}
