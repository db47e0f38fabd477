import Runtime

extension LongConvolution {
    /// output = signal * kernel, row by row.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel meets which signals.
    ///   - output: `[B, C, ...outputExtents]`, every element of which is written; its memory is not that of an input.
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
        let maps = RowMaps(pairing, strides, plan.key)
        for signal in signals { maps.signal.check(signal.count, "the signal") }
        for output in outputs { maps.output.check(output.count, "the output") }
        maps.output.checkApart("the output")
        maps.kernel.check(kernel.count, "the kernel")
        guard pairing.outputCount > 0, pairing.signalCount > 0 else {
            // Sums over no inputs.
            for output in outputs { maps.output.clear(output) }
            return
        }
        if let dense = try dense(pairing) {
            for (signal, output) in zip(signals, outputs) {
                try dense.apply(signal.baseAddress!, kernel: kernel.baseAddress!, into: output.baseAddress!)
            }
            return
        }

        let schedule = Schedule(pairing: pairing, signalCount: signals.count)
        let crew = try Crew(
            plan, rows: schedule.rowsPerKernel * schedule.kernelCount, pieces: schedule.pieceCount)
        crew.forEachPiece(schedule.pieceCount) { piece, lane in
            let kernelIndex = schedule.kernel(of: piece)
            lane.prepare(maps.kernel.row(kernelIndex, of: kernel), into: lane.prepared)
            for number in schedule.rows(of: piece) {
                let (index, row) = schedule.row(number, of: piece)
                let (input, result) = (
                    maps.signal.row(row, of: signals[index]), maps.output.row(row, of: outputs[index])
                )
                lane.prefetchForWriting(result, .output)
                if let next = schedule.row(after: number, of: piece) {
                    lane.prefetch(maps.signal.row(next.row, of: signals[next.signal]), .signal)
                    if next.kernel != kernelIndex {
                        lane.prefetch(maps.kernel.row(next.kernel, of: kernel), .kernel)
                    }
                }
                lane.convolve(input, with: lane.prepared, into: result)
                writeExactHead(of: input, kernel: maps.kernel.row(kernelIndex, of: kernel), into: result)
            }
        }
    }

    /// The mixing of channels that a dense pairing asks for.
    func dense(_ pairing: Pairing) throws(ConvolutionError) -> DenseConvolution<Scalar>? {
        guard case .dense(let batch, let inputs, let outputs) = pairing else { return nil }
        let (plan, transform) = try plan.withTransform()
        return DenseConvolution(
            plan: plan, transform: transform, batch: batch, inputs: inputs, outputs: outputs)
    }
}
