import Convolution

/// A stream in blocks that takes any number of samples: those of a block that is not whole yet are kept, and computed once
/// more with each push until it is.
struct BlockStream<Scalar: ConvolutionScalar>: Sendable {
    /// Whole blocks.
    private(set) var convolution: PartitionedConvolution<Scalar>
    /// The beginning of a block, `[C, N]`, zero from `pendingCount` on.
    private(set) var pending: [Scalar]
    private(set) var pendingCount = 0

    init(_ convolution: PartitionedConvolution<Scalar>) {
        self.convolution = convolution
        pending = [Scalar](repeating: 0, count: convolution.channels * convolution.blockLength)
    }

    /// The samples of each channel that have arrived.
    var position: Int { convolution.position + pendingCount }

    private var blockLength: Int { convolution.blockLength }

    /// Takes samples `[C, n]` and writes as many outputs, `[C, n]`; they may be the same memory.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    mutating func push(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>
    ) {
        let channels = convolution.channels
        let count = samples.count / channels
        if pendingCount == 0, count.isMultiple(of: blockLength) {
            return convolution.push(samples, into: outputs)
        }
        var done = 0
        while done < count {
            let taken = min(blockLength - pendingCount, count - done)
            for channel in 0..<channels {
                for index in 0..<taken {
                    pending[channel * blockLength + pendingCount + index] =
                        samples[channel * count + done + index]
                }
            }
            let block = blockOutputs(isWhole: pendingCount + taken == blockLength)
            for channel in 0..<channels {
                for index in 0..<taken {
                    outputs[channel * count + done + index] =
                        block[channel * blockLength + pendingCount + index]
                }
            }
            pendingCount += taken
            done += taken
            if pendingCount == blockLength { clearPending() }
        }
    }

    /// The outputs of the pending block, which is over if it is whole.
    private mutating func blockOutputs(isWhole: Bool) -> [Scalar] {
        if isWhole { return convolution.push(pending) }
        // What comes later in the block does not matter to these outputs.
        var copy = convolution
        return copy.push(pending)
    }

    private mutating func clearPending() {
        pending.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        pendingCount = 0
    }

    /// Starts anew with the same kernels.
    mutating func reset() {
        convolution.reset()
        clearPending()
    }

    /// Continues from a state and the beginning of a block, `[C, N]`; unchanged if the state is refused.
    mutating func restore(
        _ state: StreamingState<Scalar>, pending: [Scalar], count: Int
    ) throws(StreamingError) {
        try convolution.restore(state)
        self.pending = pending
        pendingCount = count
    }
}
