import Tensors

/// A linear layer over the channels, the same at every position: a 1x1 convolution.
public struct PointwiseLayer: StructuredModule {
    /// `[O, C]`.
    public var weight: Tensor
    /// `[O]`, or `nil` where a standardization follows that would cancel it.
    public var bias: Tensor?

    init(
        inputs: Int, outputs: Int, weight: Initialization, bias: Initialization?,
        using randomNumbers: inout RandomNumbers
    ) {
        self.weight = weight.tensor(shape: [outputs, inputs], using: &randomNumbers)
        self.bias = bias?.tensor(shape: [outputs], using: &randomNumbers)
    }

    /// Maps `[B, C, *S]` to `[B, O, *S]`, or `[B, C]` to `[B, O]`.
    ///
    /// - Complexity: B · O · C · |S| multiplications.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.pointwise(weight: weight, bias: bias)
    }

    /// The bias, zero where there is none: `[O]`.
    var offsets: Tensor { bias ?? Tensor(shape: [weight.shape[0]], repeating: 0) }

    /// The weight and the offsets of the one map that `first` and then this layer make together.
    ///
    /// - Complexity: as a map of `first`'s inputs, small where there are more points than channels.
    func composed(after first: PointwiseLayer) -> (weight: Tensor, offsets: Tensor) {
        let column = weight.matrixProduct(first.offsets.reshaped(to: [weight.shape[1], 1]))
        return (weight.matrixProduct(first.weight), column.reshaped(to: [weight.shape[0]]) + offsets)
    }

    /// Visits `weight` and, where there is one, `bias`.
    public mutating func forEachParameterPath(_ body: (LayerPath, inout Tensor) throws -> Void) rethrows {
        try body(.weight, &weight)
        try Self.visit(.bias, &bias, body)
    }
}

/// The parameters of a ``PointwiseLayer``.
public enum LayerPath: String, ParameterPath {
    /// The matrix.
    case weight
    /// The bias of each output channel.
    case bias

    /// The property's name.
    public var name: String { rawValue }
    /// Whether it is the matrix.
    public var isWeight: Bool { self == .weight }
}
