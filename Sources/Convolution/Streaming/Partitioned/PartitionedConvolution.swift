import Runtime

/// A causal convolution of a stream with known kernels, in blocks of N samples and with bounded work for each: what a
/// program needs that must deliver every block in time.
///
/// ```swift
/// var stream = try PartitionedConvolution<Float>(
///     kernel: response, channels: 2, kernelLength: 262_144, blockLength: 64)
/// stream.push(block, into: output)    // [2, 64] both
/// ```
///
/// An output block is returned as soon as its input block has arrived. The kernel is cut into parts of N, 2N, 4N, ... taps,
/// and the transforms of long parts are spread evenly over the blocks in which they are not yet due; channels are offset
/// against each other. With K taps a sample takes O(log K log (K/N)) operations a channel, and every block about as many as
/// any other. A stream may be endless; it remembers O(K) scalars a channel.
///
/// A stream is a value: a copy continues by itself. Copies share the kernel's spectra. After an assignment the first push into
/// either of the two allocates memory, after ``copy()`` none does, and no other push allocates.
///
/// Each channel is computed by itself. A NaN or an infinity in x[t] spoils y[t ... t+K-1] of its channel, and may spoil
/// others of that channel from the beginning of its block on, of which the last is before t + 2K + 2N.
///
/// Errors are those of ``LongConvolution``, relative to the norms of the kernel and of the last 4K samples. Results do not
/// depend on the number of threads, which is that of ``Threads/count`` where the stream is made.
///
/// Source: W. G. Gardner, "Efficient convolution without input-output delay", J. Audio Eng. Soc. 43 (1995); F. Wefers,
/// "Partitioned convolution algorithms for real-time auralization", thesis, RWTH Aachen (2014).
public struct PartitionedConvolution<Scalar: ConvolutionScalar>: Sendable {
    var rows: PartitionedRows<Scalar>

    /// The beginning of a stream.
    ///
    /// - Parameters:
    ///   - kernel: `[C, K]`
    ///   - channels: The number C of channels, from 1.
    ///   - kernelLength: The number K of taps, from 1.
    ///   - blockLength: The samples N of a block, from 1; powers of two are fastest.
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    /// - Complexity: O(C K log K).
    public init(
        kernel: UnsafeBufferPointer<Scalar>, channels: Int, kernelLength: Int, blockLength: Int
    ) throws(ConvolutionError) {
        requireStream(channels: channels, kernelLength: kernelLength)
        require(blockLength >= 1, "a block has at least 1 sample, got \(blockLength)")
        // No size that follows overflows, and no plan is made for what does not fit.
        guard max(kernelLength, blockLength) <= Int.max / 256 else {
            throw .sizeOverflow(extents: [kernelLength, blockLength])
        }
        let extent = max(kernelLength, blockLength)
        try Machine.checkMemory(checkedProduct([channels, extent, 6, MemoryLayout<Scalar>.stride]))
        requireKernel(kernel.count, channels: channels, kernelLength: kernelLength)
        let schedule = PartitionSchedule(kernelLength: kernelLength, blockLength: blockLength)
        var levels: [PartitionLevel<Scalar>] = []
        var load = PartitionLoad()
        for level in schedule.levels {
            levels.append(try PartitionLevel(level, blockLength: blockLength, addingTo: &load))
        }
        let workerCount = streamWorkerCount(channels: channels)
        let count = try checkedSum([
            checkedProduct([
                channels,
                PartitionedRows.rowCount(schedule, levels) + PartitionedKernel.offsets(levels).last!
                    + kernelLength,
            ]),
            checkedProduct([workerCount + 1, PartitionLevel.memoryLayout(levels).count]),
        ])
        try Machine.checkMemory(checkedProduct([count, MemoryLayout<Scalar>.stride]))
        rows = PartitionedRows(
            PartitionedKernel(schedule, levels, kernel, channels: channels), workerCount: workerCount)
    }

    /// The beginning of a stream, with kernels `[C, K]` in an array.
    ///
    /// - Throws: ``ConvolutionError`` when there is not enough memory.
    public init(
        kernel: [Scalar], channels: Int, kernelLength: Int, blockLength: Int
    ) throws(ConvolutionError) {
        self = try kernel.withUnsafeBufferPointer { (kernel) throws(ConvolutionError) in
            try PartitionedConvolution(
                kernel: kernel, channels: channels, kernelLength: kernelLength, blockLength: blockLength)
        }
    }

    /// The number C of channels.
    public var channels: Int { rows.channels }
    /// The number K of taps.
    public var kernelLength: Int { rows.kernel.kernelLength }
    /// The samples N of a block.
    public var blockLength: Int { rows.kernel.schedule.blockLength }
    /// The samples of each channel that have arrived.
    public var position: Int { rows.position }
    /// The blocks after which the schedule of the work repeats.
    public var period: Int { rows.kernel.schedule.period }

    /// Takes n samples of each channel, whole blocks, and writes as many outputs.
    ///
    /// - Parameters:
    ///   - samples: `[C, n]`, n from 0 and a multiple of ``blockLength``.
    ///   - outputs: `[C, n]`; it may be the same memory.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public mutating func push(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        let count = sampleCount(samples.count, outputs.count, channels: channels)
        let (blocks, rest) = count.quotientAndRemainder(dividingBy: blockLength)
        require(rest == 0, "expected blocks of \(blockLength) samples, got \(count) samples")
        guard blocks > 0 else { return }
        makeUnique()
        rows.push(
            samples.baseAddress!, stride: count, into: outputs.baseAddress!, stride: count, count: blocks)
    }

    /// Takes n samples of each channel, whole blocks `[C, n]`, and returns as many outputs.
    public mutating func push(_ samples: [Scalar]) -> [Scalar] {
        var outputs = samples
        samples.withUnsafeBufferPointer { samples in
            outputs.withUnsafeMutableBufferPointer { push(samples, into: $0) }
        }
        return outputs
    }

    /// A copy with memory of its own, so that no push into either of the two allocates.
    ///
    /// - Complexity: O(C K).
    public func copy() -> Self {
        var copy = self
        copy.rows = PartitionedRows(copying: rows)
        return copy
    }

    /// Starts anew with the same kernels.
    public mutating func reset() {
        makeUnique()
        rows.reset()
    }

    mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&rows) { rows = PartitionedRows(copying: rows) }
    }
}

extension PartitionedConvolution {
    /// What the stream remembers: the last samples, O(C K) scalars.
    public var state: StreamingState<Scalar> {
        var values: [Scalar] = []
        values.reserveCapacity(channels * savedCount)
        for channel in 0..<channels { rows.save(channel, to: &values) }
        return StreamingState(
            form: .block, channels: channels, kernelLength: kernelLength, blockLength: blockLength,
            position: position, phase: rows.phase, kernelChecksum: rows.kernel.checksum, values: values)
    }

    /// Continues where a stream with the same kernels was; it then returns the same bits as that stream, on a processor
    /// with the same instruction set.
    ///
    /// - Throws: ``StreamingError/mismatch(part:expected:found:)``; the stream is unchanged then.
    /// - Complexity: As many pushes as the saved samples have blocks.
    public mutating func restore(_ state: StreamingState<Scalar>) throws(StreamingError) {
        try state.check(
            .block, channels: channels, kernelLength: kernelLength, blockLength: blockLength,
            phases: 0..<period, checksum: rows.kernel.checksum, count: savedCount)
        guard state.position.isMultiple(of: blockLength) else {
            throw .mismatch(
                part: "position", expected: "of whole blocks of \(blockLength)", found: "\(state.position)")
        }
        makeUnique()
        state.values.withUnsafeBufferPointer {
            rows.restore(
                phase: state.phase, position: state.position, from: $0.baseAddress!, stride: savedCount)
        }
    }

    private var savedCount: Int { rows.kernel.schedule.historyLength }
}
