/// The strides of the rows of a batch `[B, C, ...]`, in scalars. A row (or plane) itself is contiguous.
///
/// Operands may be slices of larger arrays, or batches with the channels first, without a copy. An input with stride 0
/// along an axis is repeated along it.
public struct RowStrides: Sendable, Hashable {
    /// From a row to that of the next sample.
    public var sample: Int
    /// From a row to that of the next channel.
    public var channel: Int

    /// Strides of at least 0. The rows of what is written must not overlap.
    public init(sample: Int, channel: Int) {
        self.sample = sample
        self.channel = channel
    }
}

/// The strides of a call's operands; `nil` stands for a contiguous batch in row-major order.
///
/// A gradient has the strides of its operand, unless it is given its own; the upstream cotangent has those of the output.
public struct OperandStrides: Sendable, Hashable {
    /// Of each signal.
    public var signal: RowStrides?
    /// Of the kernel; where all samples share it, only the channels' stride counts.
    public var kernel: RowStrides?
    /// Of each output.
    public var output: RowStrides?
    /// Of each signal's gradient; `nil` for those of the signal.
    public var signalGradient: RowStrides?
    /// Of the kernel's gradient; `nil` for those of the kernel.
    public var kernelGradient: RowStrides?

    /// The given strides; operands without one are contiguous.
    public init(
        signal: RowStrides? = nil, kernel: RowStrides? = nil, output: RowStrides? = nil,
        signalGradient: RowStrides? = nil, kernelGradient: RowStrides? = nil
    ) {
        self.signal = signal
        self.kernel = kernel
        self.output = output
        self.signalGradient = signalGradient
        self.kernelGradient = kernelGradient
    }
}
