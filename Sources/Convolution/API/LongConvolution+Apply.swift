import Runtime

extension LongConvolution {
    /// output = signal * kernel, row by row.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel is applied to which signals.
    ///   - output: `[B, C, ...outputExtents]`, every element of which is written; it overlaps no input.
    ///   - strides: How the operands lie in memory, where they are not contiguous batches.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        into output: UnsafeMutableBufferPointer<Scalar>, strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        try apply([signal], kernel: kernel, pairing, into: [output], strides: strides)
    }

    /// ``apply(_:kernel:_:into:strides:)-(UnsafeBufferPointer<Scalar>,_,_,_,_)`` for several signals against the same kernels,
    /// each of which is transformed once.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func apply(
        _ signals: [UnsafeBufferPointer<Scalar>], kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        into outputs: [UnsafeMutableBufferPointer<Scalar>], strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        require(
            signals.count == outputs.count,
            "\(signals.count) signals need as many outputs, got \(outputs.count)")
        let layouts = RowLayouts(pairing, strides, plan.key)
        for signal in signals { layouts.signal.check(signal.count, "the signal") }
        for output in outputs { layouts.output.check(output.count, "the output") }
        layouts.output.requireDisjointRows("the output")
        layouts.kernel.check(kernel.count, "the kernel")
        guard pairing.outputCount > 0, pairing.signalCount > 0 else {
            // Sums over no inputs.
            for output in outputs { layouts.output.clear(output) }
            return
        }
        if let dense = try dense(pairing) {
            return try dense.apply(
                signals.map { $0.baseAddress! }, kernel: kernel.baseAddress!,
                into: outputs.map { $0.baseAddress! })
        }

        let partition = WorkPartition(pairing: pairing, signalCount: signals.count)
        let isSingle = partition.hasOneRowForEachKernel
        let team = try WorkerTeam(
            plan, rows: partition.rowCount, tasks: partition.taskCount)
        team.forEachTask(partition.taskCount) { task, convolver in
            let kernelIndex = partition.kernel(of: task)
            let weights = layouts.kernel.row(kernelIndex, of: kernel)
            let single = isSingle ? weights : nil
            if single == nil { convolver.prepare(weights, into: convolver.prepared) }
            for number in partition.rows(of: task) {
                let (index, row) = partition.row(number, of: task)
                let (input, result) = (
                    layouts.signal.row(row, of: signals[index]), layouts.output.row(row, of: outputs[index])
                )
                convolver.prefetchForWriting(result, .output)
                if let next = partition.row(after: number, of: task) {
                    convolver.prefetch(layouts.signal.row(next.row, of: signals[next.signal]), .signal)
                    if next.kernel != kernelIndex {
                        convolver.prefetch(layouts.kernel.row(next.kernel, of: kernel), .kernel)
                    }
                }
                convolver.convolve(input, withSingle: single, into: result)
                writeExactHead(of: input, kernel: weights, into: result)
            }
        }
    }

    /// The convolution that mixes channels, for a dense pairing; else `nil`.
    func dense(_ pairing: Pairing) throws(ConvolutionError) -> DenseConvolution<Scalar>? {
        guard case .dense(let batch, let inputs, let outputs) = pairing else { return nil }
        let (plan, transform) = try plan.withTransform()
        return DenseConvolution(
            plan: plan, transform: transform, batch: batch, inputs: inputs, outputs: outputs)
    }
}
