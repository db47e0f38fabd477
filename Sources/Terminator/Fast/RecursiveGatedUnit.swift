import Tensors

/// output(gelu(standardize(key(x) ⊙ query(value(x)))) + spatialBias): the unit that makes the fast features.
///
/// The standardization is over space, for each sample and channel.
public struct RecursiveGatedUnit: Module {
    /// `[C, C]` with bias, as the three others.
    public var key: PointwiseLayer
    /// Goes before `query`.
    public var value: PointwiseLayer
    /// Acts on the values.
    public var query: PointwiseLayer
    /// The last layer. Its bias is left out where a standardization over space follows.
    public var output: PointwiseLayer
    /// `[*S]`, the same for all channels; `nil` where the configuration leaves it out.
    public var spatialBias: Tensor?

    init(channels: Int, configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        func layer(hasBias: Bool) -> PointwiseLayer {
            PointwiseLayer(
                inputs: channels, outputs: channels, weight: .unitGain(fanIn: channels),
                bias: hasBias ? .constant(0) : nil, using: &randomNumbers)
        }
        key = layer(hasBias: true)
        value = layer(hasBias: true)
        query = layer(hasBias: true)
        output = layer(hasBias: configuration.keepsCanceledBiases)
        spatialBias =
            configuration.spatialBias == .absent ? nil : Tensor(shape: configuration.extents, repeating: 0)
    }

    /// Maps `[B, C, *S]` to the same shape.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        var gated = (key(input) * query(value(input))).standardizedGELU(over: .instance)
        if let spatialBias { gated = gated + spatialBias.resampled(to: Array(input.shape.dropFirst(2))) }
        return output(gated)
    }

    /// Visits `key`, `value`, `query`, `output` and `spatialBias`.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try Self.visit("key", &key, body)
        try Self.visit("value", &value, body)
        try Self.visit("query", &query, body)
        try Self.visit("output", &output, body)
        try Self.visit("spatialBias", &spatialBias, body)
    }
}
