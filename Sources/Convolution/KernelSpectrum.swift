import Runtime

/// Kernels in the form in which signals meet them, to be used for many calls: for inference, where kernels don't
/// change.
///
/// It belongs to convolutions of the shape, boundary, orientation and rigour of the one that made it.
public struct KernelSpectrum<Scalar: ConvolutionScalar>: Sendable {
    let key: PlanKey
    /// The number of kernels.
    public let count: Int
    let rows: AlignedArray<Scalar>
    let rowCount: Int
    /// The kernels' first elements, for the exact head of outputs.
    let heads: [Scalar]

    /// The bytes that it holds.
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
        try Machine.checkMemory(count * rowCount * MemoryLayout<Scalar>.stride)
        let rows = AlignedArray<Scalar>(zeros: count * rowCount)
        let kernels = RowMaps(.shared(batch: 1, channels: count), OperandStrides(), plan.key).kernel
        let crew = try Crew(plan, rows: count, pieces: count)
        crew.forEachPiece(count) { index, lane in
            lane.prepare(kernels.row(index, of: kernel), into: rows.pointer + index * rowCount)
        }
        let headCount = min(plan.key.exactHead, plan.key.count(.kernel))
        let heads = (0..<count).flatMap {
            UnsafeBufferPointer(start: kernels.row($0, of: kernel), count: headCount)
        }
        return KernelSpectrum(key: plan.key, count: count, rows: rows, rowCount: rowCount, heads: heads)
    }

    /// output = signal * kernel, with kernels that were transformed before; the same bits as
    /// ``apply(_:kernel:_:into:strides:)-(UnsafeBufferPointer<Scalar>,_,_,_,_)``.
    ///
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func apply(
        _ signal: UnsafeBufferPointer<Scalar>, spectrum: KernelSpectrum<Scalar>, _ pairing: Pairing,
        into output: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        require(
            spectrum.key == plan.key, "expected a spectrum of \(plan.key), got one of \(spectrum.key)")
        require(
            spectrum.count == pairing.kernelCount,
            "expected \(pairing.kernelCount) kernels, got \(spectrum.count)")
        if case .dense = pairing { fatalError("a dense pairing takes kernels, not their spectra") }
        let rowCount = pairing.signalCount
        let maps = RowMaps(pairing, OperandStrides(), plan.key)
        maps.signal.check(signal.count, "the signal")
        maps.output.check(output.count, "the output")
        guard rowCount > 0 else { return }
        let headCount = min(plan.key.exactHead, plan.key.count(.kernel))
        let crew = try Crew(plan, rows: rowCount, pieces: rowCount)
        crew.forEachPiece(rowCount) { index, lane in
            let kernel = index % pairing.kernelCount
            let (input, result) = (maps.signal.row(index, of: signal), maps.output.row(index, of: output))
            lane.convolve(input, with: spectrum.row(kernel), into: result)
            spectrum.heads.withUnsafeBufferPointer { heads in
                guard let first = heads.baseAddress else { return }
                writeExactHead(of: input, kernel: first + kernel * headCount, into: result)
            }
        }
    }
}
