import Convolution

/// A stream sample by sample or in blocks: a value, of which copies continue by themselves.
struct Stream<Scalar: ConvolutionScalar>: Sendable {
    // One of them is there. They are changed where they are, so that a push copies no state.
    private var samples: StreamingConvolution<Scalar>?
    private var blocks: BlockStream<Scalar>?

    init(_ description: StreamDescription, kernel: UnsafeBufferPointer<Scalar>) throws(ConvolutionError) {
        if let blockLength = description.blockLength {
            blocks = BlockStream(
                try PartitionedConvolution(
                    kernel: kernel, channels: description.channels, kernelLength: description.kernelLength,
                    blockLength: blockLength))
        } else {
            samples = try StreamingConvolution(
                kernel: kernel, channels: description.channels, kernelLength: description.kernelLength)
        }
    }

    /// The samples of each channel that have arrived.
    var position: Int { samples?.position ?? blocks!.position }

    /// Takes samples `[C, n]` and writes as many outputs, both contiguous; they may be the same memory.
    mutating func push(
        _ input: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        samples?.push(input, into: outputs)
        blocks?.push(input, into: outputs)
    }

    /// Takes the beginning of a stream at once, `[C, n]`, and writes as many outputs, apart from them, if they are wanted.
    mutating func prefill(
        _ input: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        try samples?.prefill(input, into: outputs)
        try blocks?.prefill(input, into: outputs)
    }

    /// A copy with memory of its own.
    func copy() -> Stream {
        var copy = self
        copy.samples = samples?.copy()
        copy.blocks = blocks?.copy()
        return copy
    }

    /// Starts anew with the same kernels.
    mutating func reset() {
        samples?.reset()
        blocks?.reset()
    }

    /// What the stream remembers, and the beginning of a block.
    var saved: SavedStream<Scalar> {
        SavedStream(
            state: samples?.state ?? blocks!.convolution.state, pending: blocks?.pending ?? [],
            pendingCount: blocks?.pendingCount ?? 0)
    }

    /// Continues from a state; unchanged if it is refused.
    mutating func restore(_ saved: SavedStream<Scalar>) throws(StreamingError) {
        let expected = blocks?.pending.count ?? 0
        guard saved.pending.count == expected,
            saved.pendingCount < max(1, blocks?.convolution.blockLength ?? 1)
        else {
            throw .mismatch(
                part: "the beginning of a block", expected: "\(expected) scalars",
                found: "\(saved.pending.count), \(saved.pendingCount) of a channel")
        }
        try samples?.restore(saved.state)
        try blocks?.restore(saved.state, pending: saved.pending, count: saved.pendingCount)
    }
}
