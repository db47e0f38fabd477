extension LongConvolution {
    /// output = signal * kernel, row by row.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - kernel: `[C, ...kernelExtents]` or `[B, C, ...kernelExtents]`, as `pairing` says.
    ///   - pairing: Which kernel meets which signals.
    ///   - output: `[B, C, ...outputExtents]`, every element of which is written; its memory is not that of an input.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        into output: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        try apply([signal], kernel: kernel, pairing, into: [output])
    }

    /// ``apply(_:kernel:_:into:)-(UnsafeBufferPointer<Scalar>,_,_,_)`` for several signals against the same kernels,
    /// each of which is transformed once.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func apply(
        _ signals: [UnsafeBufferPointer<Scalar>], kernel: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        into outputs: [UnsafeMutableBufferPointer<Scalar>]
    ) throws(ConvolutionError) {
        precondition(
            signals.count == outputs.count,
            "\(signals.count) signals need as many outputs, got \(outputs.count)")
        for signal in signals { check(signal.count, .signal, rows: pairing.signalCount, "the signal") }
        for output in outputs { check(output.count, .output, rows: pairing.outputCount, "the output") }
        check(kernel.count, .kernel, rows: pairing.kernelCount, "the kernel")
        guard pairing.outputCount > 0, pairing.signalCount > 0 else {
            // Sums over no inputs.
            for output in outputs { output.update(repeating: 0) }
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
            lane.prepare(row(kernelIndex, of: kernel, .kernel), into: lane.prepared)
            for number in schedule.rows(of: piece) {
                let (index, row) = pairing.row(number, ofKernel: kernelIndex)
                let (input, result) = (
                    self.row(row, of: signals[index], .signal), self.row(row, of: outputs[index], .output)
                )
                lane.prefetchForWriting(result, .output)
                if let next = schedule.row(after: number, of: piece) {
                    let (index, row) = pairing.row(next.number, ofKernel: next.kernel)
                    lane.prefetch(self.row(row, of: signals[index], .signal), .signal)
                    if next.kernel != kernelIndex {
                        lane.prefetch(self.row(next.kernel, of: kernel, .kernel), .kernel)
                    }
                }
                lane.convolve(input, with: lane.prepared, into: result)
                writeExactHead(of: input, kernel: self.row(kernelIndex, of: kernel, .kernel), into: result)
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

    func check(_ count: Int, _ role: Role, rows: Int, _ name: String) {
        let expected = rows * plan.key.count(role)
        precondition(
            count == expected,
            "\(name) needs \(rows) rows of \(plan.key.count(role)) = \(expected) scalars, got \(count)")
    }

    func row(_ index: Int, of buffer: UnsafeBufferPointer<Scalar>, _ role: Role) -> UnsafePointer<Scalar> {
        buffer.baseAddress! + index * plan.key.count(role)
    }

    func row(
        _ index: Int, of buffer: UnsafeMutableBufferPointer<Scalar>, _ role: Role
    ) -> UnsafeMutablePointer<Scalar> {
        buffer.baseAddress! + index * plan.key.count(role)
    }
}
