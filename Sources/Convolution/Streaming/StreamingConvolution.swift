import Runtime

/// A causal convolution of a stream with known kernels, one sample at a time: y[t] is returned when x[t] has arrived, so
/// that x[t+1] may depend on it.
///
/// ```swift
/// var stream = try StreamingConvolution<Float>(kernel: kernel, channels: 1, kernelLength: 65_536)
/// for sample in samples { print(stream.push([sample])[0]) }
/// ```
///
/// With K taps a sample takes O(log² K) operations a channel, amortized: most samples take a few, and the one that completes
/// a tile of U samples takes O(U log U). For bounded work use ``PartitionedConvolution``. A stream may be endless; it
/// remembers O(K) scalars a channel.
///
/// A stream is a value: a copy continues by itself. Copies share the kernel and its spectra. After an assignment the first push
/// into either of the two allocates memory, after ``copy()`` none does, and no other push allocates.
///
/// Each channel is computed by itself. A NaN or an infinity in x[t] spoils y[t ... t+K-1] of its channel, and may spoil
/// others of that channel from t on, of which the last is before t + 4 · max(K, 16).
///
/// Errors are those of ``LongConvolution``, relative to the norms of the kernel and of the last 2K samples. Results do not
/// depend on how the samples are split into pushes, to the bit, nor on the number of threads, which is
/// that of ``Threads/count`` where the stream is made.
///
/// Source: M. J. Fischer, L. J. Stockmeyer, "Fast on-line integer multiplication" (1974), doi
/// 10.1016/S0022-0000(74)80047-4, with one operand known.
public struct StreamingConvolution<Scalar: ConvolutionScalar>: Sendable {
    private var rows: HalfOnlineRows<Scalar>

    /// The beginning of a stream.
    ///
    /// - Parameters:
    ///   - kernel: `[C, K]`
    ///   - channels: The number C of channels, from 1.
    ///   - kernelLength: The number K of taps, from 1.
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    /// - Complexity: O(C K log K).
    public init(
        kernel: UnsafeBufferPointer<Scalar>, channels: Int, kernelLength: Int
    ) throws(ConvolutionError) {
        requireStream(channels: channels, kernelLength: kernelLength)
        let tiling = try HalfOnlineTiling<Scalar>(kernelLength: kernelLength)
        let workerCount = streamWorkerCount(channels: channels)
        try Machine.checkMemory(tiling.byteCount(channels: channels, workerCount: workerCount))
        requireKernel(kernel.count, channels: channels, kernelLength: kernelLength)
        rows = HalfOnlineRows(HalfOnlineKernel(tiling, channels: channels), workerCount: workerCount)
        rows.writeKernel(kernel.baseAddress!, stride: kernelLength)
    }

    /// The beginning of a stream, with kernels `[C, K]` in an array.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    public init(kernel: [Scalar], channels: Int, kernelLength: Int) throws(ConvolutionError) {
        self = try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
            try StreamingConvolution(kernel: kernel, channels: channels, kernelLength: kernelLength)
        }
    }

    /// The number C of channels.
    public var channels: Int { rows.channels }
    /// The number K of taps.
    public var kernelLength: Int { rows.kernel.tiling.kernelLength }
    /// The samples of each channel that have arrived.
    public var position: Int { rows.position }

    /// Takes n samples of each channel and writes as many outputs.
    ///
    /// - Parameters:
    ///   - samples: `[C, n]`, n from 0.
    ///   - outputs: `[C, n]`; it may be the same memory.
    /// - Complexity: O(C n log² K), amortized.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public mutating func push(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        let count = sampleCount(samples.count, outputs.count, channels: channels)
        guard count > 0 else { return }
        makeUnique()
        rows.push(samples.baseAddress!, into: outputs.baseAddress!, stride: count, count: count)
    }

    /// Takes n samples of each channel, `[C, n]`, and returns as many outputs.
    public mutating func push(_ samples: [Scalar]) -> [Scalar] {
        var outputs = samples
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
        return outputs
    }

    /// Takes the beginning of a stream at once, at the speed of ``LongConvolution``, with an exact head; a stream that has
    /// begun takes it as ``push(_:into:)`` does.
    ///
    /// - Parameters:
    ///   - samples: `[C, n]`, n from 0.
    ///   - outputs: `[C, n]`, or `nil` if they are not wanted; it overlaps no input.
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    /// - Complexity: O(C n log n) at the beginning.
    public mutating func prefill(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        let count = sampleCount(samples.count, outputs?.count ?? samples.count, channels: channels)
        guard count > 0 else { return }
        if position > 0 { return pushing(samples, into: outputs) { push($0, into: $1) } }
        if let outputs {
            let convolution = try LongConvolution<Scalar>(
                length: count, kernelLength: min(kernelLength, count), boundary: .causal,
                exactHead: LongConvolution<Scalar>.longestExactHead)
            try convolution.apply(
                samples, kernel: rows.kernel.rows, .shared(batch: 1, channels: channels), into: outputs,
                strides: OperandStrides(kernel: RowStrides(sample: 0, channel: kernelLength)))
        }
        makeUnique()
        rows.begin(behind: samples.baseAddress!, stride: count, available: count, position: count)
    }

    /// Takes the beginning of a stream at once, `[C, n]`, and returns as many outputs.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory; the stream is unchanged then.
    public mutating func prefill(_ samples: [Scalar]) throws(ConvolutionError) -> [Scalar] {
        let outputs = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: samples.count)
        defer { outputs.deallocate() }
        outputs.initialize(repeating: 0)
        try samples.withUnsafeBufferPointer { (samples) throws(ConvolutionError) in
            try prefill(samples, into: outputs)
        }
        return Array(outputs)
    }

    /// A copy with memory of its own, so that no push into either of the two allocates.
    ///
    /// - Complexity: O(C K).
    public func copy() -> Self {
        var copy = self
        copy.rows = HalfOnlineRows(copying: rows)
        return copy
    }

    /// Starts anew with the same kernels.
    public mutating func reset() {
        makeUnique()
        rows.reset()
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&rows) { rows = HalfOnlineRows(copying: rows) }
    }
}

extension StreamingConvolution {
    /// What the stream remembers: O(C K) scalars.
    public var state: StreamingState<Scalar> {
        var values: [Scalar] = []
        values.reserveCapacity(channels * savedCount)
        for channel in 0..<channels { rows.save(channel, to: &values) }
        return StreamingState(
            form: .sample, channels: channels, kernelLength: kernelLength, position: position,
            phase: rows.phase, kernelChecksum: rows.kernel.checksum, values: values)
    }

    /// Continues where a stream with the same kernels was; it then returns the same bits as that stream.
    ///
    /// - Throws: ``StreamingError/mismatch(part:expected:found:)``; the stream is unchanged then.
    public mutating func restore(_ state: StreamingState<Scalar>) throws(StreamingError) {
        try state.check(
            .sample, channels: channels, kernelLength: kernelLength,
            phases: 0..<rows.kernel.tiling.largestTile, checksum: rows.kernel.checksum, count: savedCount)
        makeUnique()
        rows.restore(position: state.position, phase: state.phase)
        state.values.withUnsafeBufferPointer { values in
            for channel in 0..<channels {
                rows.restore(channel, from: values.baseAddress! + channel * savedCount)
            }
        }
    }

    private var savedCount: Int { HalfOnlineRows.savedCount(rows.kernel.tiling) }
}
