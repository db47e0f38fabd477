import Runtime

/// Kernels that were transformed once, for many calls: for inference, where kernels do not change.
///
/// It fits convolutions of the same shape, boundary, center, orientation, exact head and rigour as the one that made it.
public struct KernelSpectrum<Scalar: ConvolutionScalar>: Sendable {
    let key: PlanKey
    /// The number of kernels.
    public let count: Int
    let rows: AlignedArray<Scalar>
    let rowCount: Int
    /// The kernels' first elements, for the exact head of outputs.
    let heads: [Scalar]

    /// The bytes of the spectra.
    public var byteCount: Int { rows.count * MemoryLayout<Scalar>.stride }

    func row(_ index: Int) -> UnsafePointer<Scalar> { UnsafePointer(rows.pointer + index * rowCount) }
}

extension LongConvolution {
    /// The spectra of the given kernels, `[kernels, ...kernelExtents]`.
    ///
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)``
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func spectrum(
        of kernel: UnsafeBufferPointer<Scalar>
    ) throws(ConvolutionError) -> KernelSpectrum<Scalar> {
        let (count, rest) = kernel.count.quotientAndRemainder(dividingBy: plan.key.count(.kernel))
        require(
            rest == 0, "kernels of \(plan.key.count(.kernel)) scalars each, got \(kernel.count) scalars")
        let rowCount = plan.preparedCount
        let byteCount = try checkedProduct([count, rowCount, MemoryLayout<Scalar>.stride])
        let kernels = RowLayouts(.shared(batch: 1, channels: count), OperandStrides(), plan.key).kernel
        let team = try WorkerTeam(plan, rows: count, tasks: count, besides: [byteCount])
        let rows = AlignedArray<Scalar>(zeros: count * rowCount)
        team.forEachTask(count) { index, convolver in
            convolver.prepare(kernels.row(index, of: kernel), into: rows.pointer + index * rowCount)
        }
        let headCount = min(plan.key.exactHead, plan.key.count(.kernel))
        let heads = (0..<count).flatMap {
            UnsafeBufferPointer(start: kernels.row($0, of: kernel), count: headCount)
        }
        return KernelSpectrum(key: plan.key, count: count, rows: rows, rowCount: rowCount, heads: heads)
    }

    /// output = outputGate ⊙ (kernel * v + skip v), with v = inputGate ⊙ signal and kernels that were transformed before; returns
    /// the same bits as with the kernels themselves.
    ///
    /// - Parameters:
    ///   - signal: `[B, C, ...signalExtents]`
    ///   - spectrum: Of as many kernels as `pairing` has.
    ///   - pairing: Which kernel is applied to which signals; not dense.
    ///   - gates: The gates and the skip, none of them by default.
    ///   - output: `[B, C, ...outputExtents]`, every element of which is written; it overlaps no input.
    ///   - strides: How signal and output lie in memory, where they are not contiguous batches.
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, spectrum: KernelSpectrum<Scalar>, _ pairing: Pairing,
        gates: Gates<Scalar> = Gates(), into output: UnsafeMutableBufferPointer<Scalar>,
        strides: OperandStrides = OperandStrides()
    ) throws(ConvolutionError) {
        pairing.check()
        require(
            spectrum.key == plan.key, "expected a spectrum of \(plan.key), got one of \(spectrum.key)")
        require(
            spectrum.count == pairing.kernelCount,
            "expected \(pairing.kernelCount) kernels, got \(spectrum.count)")
        if case .dense = pairing { fatalError("a dense pairing takes kernels, not their spectra") }
        let rowCount = pairing.signalCount
        let layouts = RowLayouts(pairing, strides, plan.key)
        layouts.signal.check(signal.count, "the signal")
        layouts.output.check(output.count, "the output")
        layouts.output.requireDisjointRows("the output")
        var rows = rowOperator(pairing, gates, nil)
        guard rowCount > 0 else { return }
        let headCount = min(plan.key.exactHead, plan.key.count(.kernel))
        let team = try WorkerTeam(
            plan, rows: rowCount, tasks: rowCount,
            stagedCount: gates.isEmpty ? 0 : RowOperator<Scalar>.stagedCount(plan.key))
        rows.threads = team.threadsOfRow
        team.forEachTask(rowCount) { [rows] index, convolver, staged in
            let kernel = index % pairing.kernelCount
            let (input, result) = (
                layouts.signal.row(index, of: signal), layouts.output.row(index, of: output)
            )
            let v = staged.map { rows.gatedSignal(index, input, into: rows.stagedRows($0).v) } ?? input
            convolver.convolve(v, with: spectrum.row(kernel), into: result)
            spectrum.heads.withUnsafeBufferPointer { heads in
                guard let first = heads.baseAddress else { return }
                writeExactHead(of: v, kernel: first + kernel * headCount, into: result)
            }
            if staged != nil { rows.finish(index, v, result, into: result) }
        }
    }
}
