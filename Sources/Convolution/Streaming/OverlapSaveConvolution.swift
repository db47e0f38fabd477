import Runtime

/// Convolutions of signals of any length with known kernels, in long blocks (overlap-save): in memory that depends on the
/// kernels and not on the signal.
///
/// The N outputs of a block are the complete overlaps of N + K - 1 samples with the kernel. Blocks are rows of a batch, each
/// of which begins N samples after the one before. N depends on K, the number of signals and the precision alone, so bits
/// do not depend on how many blocks are taken at a time.
///
/// Source: T. G. Stockham, "High-speed convolution and correlation" (1966).
package struct OverlapSaveConvolution<Scalar: ConvolutionScalar>: Sendable {
    private let convolution: LongConvolution<Scalar>
    private let spectrum: KernelSpectrum<Scalar>
    /// The number K of taps.
    package let kernelLength: Int
    /// The number N of outputs of a block.
    package let blockLength: Int

    /// The kernels' number.
    package var kernelCount: Int { spectrum.count }
    /// The samples before a block on which its outputs depend.
    package var historyLength: Int { kernelLength - 1 }

    /// - Parameters:
    ///   - kernels: `[kernelCount, K]`
    ///   - kernelLength: The number K of taps, from 1.
    ///   - rowCount: The number of signals or kernels that are convolved at a time, whichever is larger.
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    package init(
        kernels: UnsafeBufferPointer<Scalar>, kernelLength: Int, rowCount: Int
    ) throws(ConvolutionError) {
        require(kernelLength >= 1, "a kernel has at least 1 tap, got \(kernelLength)")
        self.kernelLength = kernelLength
        blockLength = try Self.blockLength(kernelLength: kernelLength, rowCount: rowCount)
        convolution = try LongConvolution(
            length: blockLength + kernelLength - 1, kernelLength: kernelLength, boundary: .valid)
        spectrum = try convolution.spectrum(of: kernels)
    }

    /// The N for which a sample is the cheapest: a ring of 2M reals holds N + K - 1 = 2M samples. Rings of more than 6 K
    /// reals gain little, and take memory, which is also why rings are shorter where there are thousands of rows.
    package static func blockLength(kernelLength: Int, rowCount: Int) throws(ConvolutionError) -> Int {
        guard kernelLength <= Int.max / 64 else { throw .sizeOverflow(extents: [kernelLength]) }
        var best = (length: 0, cost: Double.infinity)
        var half = CostModel.shortestOverlapSaveRing
        while half > 64, half * rowCount > CostModel.largestOverlapSaveBatch { half /= 2 }
        repeat {
            for ring in [half, half / 2 * 3] {
                let length = 2 * ring - (kernelLength - 1)
                guard length >= kernelLength else { continue }
                let axis = try Axis(signal: 2 * ring, kernel: kernelLength, boundary: .valid)
                let key = PlanKey(axes: [axis], orientation: .convolution, rigour: .estimate)
                let cost = EstimatedTimes<Scalar>(key: key).ofLine(atLeast: ring) / Double(length)
                if cost < best.cost { best = (length, cost) }
            }
            half *= 2
        } while half <= max(64, 2 * kernelLength)
        return best.length
    }

    /// Writes the outputs of consecutive blocks.
    ///
    /// - Parameters:
    ///   - signals: `[S, blockCount · N + K - 1]`, the first K - 1 samples being those before the blocks.
    ///   - signalCount: S, the number of kernels; or 1 signal for all kernels, or any number where there is one kernel.
    ///   - outputs: `[max(S, kernelCount), blockCount · N]`
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    package func apply(
        _ signals: UnsafeBufferPointer<Scalar>, signalCount: Int, blockCount: Int,
        into outputs: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        require(
            signalCount == 1 || kernelCount == 1 || signalCount == kernelCount,
            "expected 1 or \(kernelCount) signals, got \(signalCount)")
        let (signalStride, outputStride) = (
            blockCount * blockLength + historyLength, blockCount * blockLength
        )
        let blocks = (
            signal: RowStrides(sample: blockLength, channel: signalCount == 1 ? 0 : signalStride),
            output: RowStrides(sample: blockLength, channel: outputStride)
        )
        guard kernelCount < signalCount else {
            return try convolution.apply(
                signals, spectrum: spectrum, .shared(batch: blockCount, channels: kernelCount), into: outputs,
                strides: OperandStrides(signal: blocks.signal, output: blocks.output))
        }
        // One kernel: the rows of a call are the blocks of a signal or, where these are fewer, the signals of a block.
        let isBySignal = blockCount >= signalCount
        let strides = OperandStrides(
            signal: RowStrides(sample: isBySignal ? blockLength : signalStride, channel: 0),
            output: RowStrides(sample: isBySignal ? blockLength : outputStride, channel: 0))
        for call in 0..<(isBySignal ? signalCount : blockCount) {
            try convolution.apply(
                UnsafeBufferPointer(rebasing: signals[(call * (isBySignal ? signalStride : blockLength))...]),
                spectrum: spectrum, .shared(batch: isBySignal ? blockCount : signalCount, channels: 1),
                into: UnsafeMutableBufferPointer(
                    rebasing: outputs[(call * (isBySignal ? outputStride : blockLength))...]),
                strides: strides)
        }
    }
}
