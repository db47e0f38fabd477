import Convolution
import Runtime

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
            let part = Columns(
                channels: channels, count: taken, source: (count, done), target: (blockLength, pendingCount))
            pending.withUnsafeMutableBufferPointer { part.copy(samples, to: $0) }
            blockOutputs(isWhole: pendingCount + taken == blockLength).withUnsafeBufferPointer {
                part.reversed.copy($0, to: outputs)
            }
            pendingCount += taken
            done += taken
            if pendingCount == blockLength { clearPending() }
        }
    }

    /// Takes the beginning of a stream, `[C, n]`, its whole blocks at once, and writes as many outputs, apart from them, if they
    /// are wanted; otherwise as ``push(_:into:)``. Unchanged if there is not enough memory.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    mutating func prefill(
        _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>?
    ) throws(ConvolutionError) {
        let channels = convolution.channels
        let count = samples.count / channels
        let rest = count % blockLength
        if pendingCount == 0, rest == 0 { return try convolution.prefill(samples, into: outputs) }
        guard position == 0, count > blockLength else {
            return pushing(samples, into: outputs) { push($0, into: $1) }
        }
        let (first, whole) = (
            Columns(channels: channels, count: count - rest, source: (count, 0), target: (count - rest, 0)),
            channels * (count - rest)
        )
        let blockCount = outputs == nil ? whole : 2 * whole
        try Machine.checkMemory(blockCount * MemoryLayout<Scalar>.stride)
        let blocks = PooledArray<Scalar>(count: blockCount)
        let input = UnsafeMutableBufferPointer(start: blocks.pointer, count: whole)
        first.copy(samples, to: input)
        if let outputs {
            let output = UnsafeMutableBufferPointer(start: blocks.pointer + whole, count: whole)
            try convolution.prefill(UnsafeBufferPointer(input), into: output)
            first.reversed.copy(UnsafeBufferPointer(output), to: outputs)
        } else {
            try convolution.prefill(UnsafeBufferPointer(input), into: nil)
        }
        let last = Columns(channels: channels, count: rest, source: (count, count - rest), target: (rest, 0))
        let end = UnsafeMutableBufferPointer(rebasing: input[..<(channels * rest)])
        last.copy(samples, to: end)
        push(UnsafeBufferPointer(end), into: end)
        if let outputs { last.reversed.copy(UnsafeBufferPointer(end), to: outputs) }
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

    /// A copy with memory of its own.
    func copy() -> BlockStream {
        var copy = self
        copy.convolution = convolution.copy()
        copy.pending.withUnsafeMutableBufferPointer { _ in }
        return copy
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

/// The same columns of two row-major matrices.
private struct Columns {
    let channels: Int
    let count: Int
    let source: (width: Int, first: Int)
    let target: (width: Int, first: Int)

    var reversed: Columns { Columns(channels: channels, count: count, source: target, target: source) }

    func copy<Scalar>(
        _ source: UnsafeBufferPointer<Scalar>, to target: UnsafeMutableBufferPointer<Scalar>
    ) {
        for channel in 0..<channels {
            (target.baseAddress! + channel * self.target.width + self.target.first).update(
                from: source.baseAddress! + channel * self.source.width + self.source.first, count: count)
        }
    }
}
