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
        let team = try WorkerTeam(
            plan, rows: partition.rowCount, tasks: partition.taskCount,
            stagedCount: RowOperator<Scalar>.stagedCount(plan.key))
        rows.threads = team.threadsOfRow
        team.forEachTask(partition.taskCount) { [rows] task, convolver, staged in
            let weights = layouts.kernel.row(partition.kernel(of: task), of: kernel)
            convolver.prepare(weights, into: convolver.prepared)
            for number in partition.rows(of: task) {
                let row = partition.row(number, of: task).row
                let result = layouts.output.row(row, of: output)
                if let next = partition.row(after: number, of: task) {
                    convolver.prefetch(layouts.signal.row(next.row, of: signal), .signal)
                }
                let v = rows.gatedSignal(
                    row, layouts.signal.row(row, of: signal), into: rows.stagedRows(staged!).v)
                let target = ungated.map { layouts.output.row(row, of: $0) } ?? result
                convolver.convolve(v, with: convolver.prepared, into: target)
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

        let partition = WorkPartition(pairing: pairing, signalCount: 1)
        let pass = try BackwardPass(
            plan, partition, kernel: kernel, layouts, kernelGradient: gradients.kernel,
            stagedCount: RowOperator<Scalar>.stagedCount(plan.key))
        rows.threads = pass.team.threadsOfRow
        let isSignalWanted = gradients.signal != nil || gradients.inputGate != nil
        // ∂skip of each row, which are summed in order.
        let skips = PooledArray<Double>(count: gradients.skip == nil ? 0 : pairing.signalCount)
        pass.forEachRow { [rows] current in
            let (convolver, staged) = (current.convolver, rows.stagedRows(current.staged!))
            let row = partition.row(current.number, of: current.task).row
            if let next = partition.row(after: current.number, of: current.task) {
                convolver.prefetch(layouts.output.row(next.row, of: upstream), .output)
                convolver.prefetch(layouts.signal.row(next.row, of: signal), .signal)
            }
            let (u, g) = (layouts.signal.row(row, of: signal), layouts.output.row(row, of: upstream))
            let v = rows.gatedSignal(row, u, into: staged.v)
            if let gradient = gradients.outputGate {
                let result: UnsafePointer<Scalar>
                if let ungated {
                    result = layouts.output.row(row, of: ungated)
                } else {
                    convolver.convolve(v, with: convolver.prepared, into: staged.h)
                    writeExactHead(
                        of: v, kernel: layouts.kernel.row(current.kernelIndex, of: kernel), into: staged.h)
                    rows.addSkip(row, v, to: staged.h)
                    result = UnsafePointer(staged.h)
                }
                rows.storeOutputGateGradient(
                    row, g, ungated: result, into: ofOutputGate.row(row, of: gradient))
            }
            let h = rows.gatedUpstream(row, g, into: staged.h)
            if gradients.skip != nil { skips.pointer[row] = rows.skipGradient(h, v) }
            let signalGradient = gradients.signal.map { layouts.signalGradient.row(row, of: $0) }
            let dv = gates.input == nil ? signalGradient : isSignalWanted ? staged.dv : nil
            guard dv != nil || current.sum != nil else { return }
            convolver.pullBack(
                h, signal: v, prepared: convolver.prepared, into: dv, addingTo: current.sum)
            guard let dv else { return }
            rows.finishSignalGradient(
                row, dv, h: h, signal: u, into: signalGradient,
                gradients.inputGate.map { ofInputGate.row(row, of: $0) })
        }
        if let gradient = gradients.skip {
            for channel in gradient.indices {
                let ofSamples = stride(from: channel, to: pairing.signalCount, by: gradient.count)
                gradient[channel] = Scalar(ofSamples.reduce(0) { $0 + skips.pointer[$1] })
            }
        }
    }

    // MARK: - Checks

    /// What a call does to its rows around their convolution, checked.
    func rowOperator(
        _ pairing: Pairing, _ gates: Gates<Scalar>, _ lengths: [Int]?
    ) -> RowOperator<Scalar> {
        pairing.check()
        guard let (batch, channels) = pairing.batchAndChannels else {
            fatalError("gates and lengths are for shared and per-sample kernels, got \(pairing)")
        }
        let (signal, output) = (plan.key.count(.signal), plan.key.count(.output))
        func layout(_ rowCount: Int, _ strides: RowStrides?) -> RowLayout {
            RowLayout(samples: batch, channels: channels, rowCount: rowCount, strides: strides)
        }
        let rows = RowOperator(
            gates: gates, lengths: lengths, axis: plan.key.axes[0], channels: channels, signalCount: signal,
            outputCount: output, inputGateLayout: layout(signal, gates.inputStrides),
            outputGateLayout: layout(output, gates.outputStrides))
        if let gate = gates.input { rows.inputGateLayout.check(gate.count, "the input gate") }
        if let gate = gates.output { rows.outputGateLayout.check(gate.count, "the output gate") }
        if let skip = gates.skip {
            require(skip.count == channels, "expected a skip of \(channels) channels, got \(skip.count)")
            require(
                outputExtents == signalExtents,
                "a skip needs outputs as long as the signal, \(signalExtents), got \(outputExtents)")
        }
        if let lengths {
            require(
                plan.key.axes.count == 1 && !plan.key.axes[0].isPeriodic,
                "lengths are for one dimension and signals that do not repeat")
            require(lengths.count == batch, "expected \(batch) lengths, got \(lengths.count)")
            for length in lengths {
                require((0...signal).contains(length), "expected lengths of 0 to \(signal), got \(length)")
            }
        }
        return rows
    }

    private func check(
        _ gradients: GatedGradients<Scalar>, _ layouts: RowLayouts, _ rows: RowOperator<Scalar>
    ) {
        func check(_ gradient: UnsafeMutableBufferPointer<Scalar>?, _ layout: RowLayout, _ name: String) {
            guard let gradient else { return }
            layout.check(gradient.count, name)
            layout.requireDisjointRows(name)
        }
        check(gradients.signal, layouts.signalGradient, "the signal's gradient")
        check(gradients.kernel, layouts.kernelGradient, "the kernel's gradient")
        check(
            gradients.inputGate, rows.inputGateLayout.strided(gradients.inputGateStrides),
            "the input gate's gradient")
        check(
            gradients.outputGate, rows.outputGateLayout.strided(gradients.outputGateStrides),
            "the output gate's gradient")
        if let gradient = gradients.skip {
            require(
                gradient.count == rows.channels,
                "expected a skip's gradient of \(rows.channels) channels, got \(gradient.count)")
        }
        for (gradient, operand, name) in [
            (gradients.inputGate != nil, rows.gates.input != nil, "input gate"),
            (gradients.outputGate != nil, rows.gates.output != nil, "output gate"),
            (gradients.skip != nil, rows.gates.skip != nil, "skip"),
        ] {
            require(!gradient || operand, "the gradient of \(name) is wanted, of which there is none")
        }
    }
}
