/// The elementwise factors of a gated convolution, as of Hyena and H3, and its skip connection. With v = inputGate ⊙ u,
///
///     y = outputGate ⊙ (kernel * v + skip[c] v)
///
/// Each part is optional. A skip needs outputs that lie where the signal does: `.causal`, `.centred` or `.circular`.
public struct Gates<Scalar: ConvolutionScalar> {
    /// What the signal is multiplied by: `[B, C, ...signalExtents]`.
    public var input: UnsafeBufferPointer<Scalar>?
    /// What the outputs are multiplied by: `[B, C, ...outputExtents]`.
    public var output: UnsafeBufferPointer<Scalar>?
    /// What a channel's gated signal is added with: `[C]`.
    public var skip: UnsafeBufferPointer<Scalar>?
    /// The strides of the input gate's rows; `nil` for a contiguous batch.
    public var inputStrides: RowStrides?
    /// The strides of the output gate's rows; `nil` for a contiguous batch.
    public var outputStrides: RowStrides?

    /// The given parts, all of them optional.
    public init(
        input: UnsafeBufferPointer<Scalar>? = nil, output: UnsafeBufferPointer<Scalar>? = nil,
        skip: UnsafeBufferPointer<Scalar>? = nil, inputStrides: RowStrides? = nil,
        outputStrides: RowStrides? = nil
    ) {
        self.input = input
        self.output = output
        self.skip = skip
        self.inputStrides = inputStrides
        self.outputStrides = outputStrides
    }

    /// Whether no part is there.
    var isEmpty: Bool { input == nil && output == nil && skip == nil }
}

/// Where the gradients of a gated convolution are written; what is `nil` is not computed.
public struct GatedGradients<Scalar: ConvolutionScalar> {
    /// ∂/∂u, as the signal.
    public var signal: UnsafeMutableBufferPointer<Scalar>?
    /// ∂/∂kernel, summed over the rows that share a kernel.
    public var kernel: UnsafeMutableBufferPointer<Scalar>?
    /// ∂/∂inputGate, as the input gate.
    public var inputGate: UnsafeMutableBufferPointer<Scalar>?
    /// ∂/∂outputGate, as the output gate.
    public var outputGate: UnsafeMutableBufferPointer<Scalar>?
    /// ∂/∂skip, `[C]`.
    public var skip: UnsafeMutableBufferPointer<Scalar>?
    /// The strides of ∂/∂inputGate; `nil` for those of the input gate.
    public var inputGateStrides: RowStrides?
    /// The strides of ∂/∂outputGate; `nil` for those of the output gate.
    public var outputGateStrides: RowStrides?

    /// The given gradients, all of them optional.
    public init(
        signal: UnsafeMutableBufferPointer<Scalar>? = nil, kernel: UnsafeMutableBufferPointer<Scalar>? = nil,
        inputGate: UnsafeMutableBufferPointer<Scalar>? = nil,
        outputGate: UnsafeMutableBufferPointer<Scalar>? = nil,
        skip: UnsafeMutableBufferPointer<Scalar>? = nil, inputGateStrides: RowStrides? = nil,
        outputGateStrides: RowStrides? = nil
    ) {
        self.signal = signal
        self.kernel = kernel
        self.inputGate = inputGate
        self.outputGate = outputGate
        self.skip = skip
        self.inputGateStrides = inputGateStrides
        self.outputGateStrides = outputGateStrides
    }
}
