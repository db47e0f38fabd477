/// The distances of the rows of a batch `[B, C, ...]`, in scalars. A row (or plane) itself is contiguous.
///
/// With them the operands of a call may be slices of larger arrays, or batches with the channels first, without being
/// copied; and an input whose distance is 0 along an axis is repeated along it.
public struct RowStrides: Sendable, Hashable {
    /// From a row to that of the next sample.
    public var sample: Int
    /// From a row to that of the next channel.
    public var channel: Int

    /// Distances from 0; those of what is written leave the rows apart from each other.
    public init(sample: Int, channel: Int) {
        self.sample = sample
        self.channel = channel
    }
}

/// How the operands of a call lie in memory; `nil` stands for rows one after the other, samples first.
///
/// A gradient lies as the operand does that it belongs to, and the upstream cotangent as the output.
public struct OperandStrides: Sendable, Hashable {
    /// Of each signal.
    public var signal: RowStrides?
    /// Of the kernel; where all samples share it, only the distance of channels counts.
    public var kernel: RowStrides?
    /// Of each output.
    public var output: RowStrides?

    /// The given distances; the defaults are rows one after the other.
    public init(signal: RowStrides? = nil, kernel: RowStrides? = nil, output: RowStrides? = nil) {
        self.signal = signal
        self.kernel = kernel
        self.output = output
    }
}
