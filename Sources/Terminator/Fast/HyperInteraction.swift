import Tensors

/// The hyper interaction: a gate for each sample, channel and place, the product of two Z·W scores.
///
///     result = x ⊙ σ((w_c m_c²) (w_s m_s²))
///
/// with m_c and m_s the means over space and over the channels of the features the scores are measured on.
public struct HyperInteraction: Module {
    /// Makes the hyper-kernel `[1, C]` over the channels.
    public var channelSlowNet: MultiplicativeFilterNetwork<SineFilter>
    /// Makes the hyper-kernel `[1, *S]` over space.
    public var spatialSlowNet: MultiplicativeFilterNetwork<SineFilter>

    init(channels: Int, configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        channelSlowNet = MultiplicativeFilterNetwork(
            extents: [channels], outputs: 1, size: configuration.interactionChannelSlowNet,
            frequencies: configuration.frequencies, using: &randomNumbers)
        spatialSlowNet = MultiplicativeFilterNetwork(
            extents: configuration.extents, outputs: 1, size: configuration.interactionSpatialSlowNet,
            frequencies: configuration.frequencies, hasSpatialBias: configuration.spatialBias != .absent,
            using: &randomNumbers)
    }

    /// Gates `features` with scores measured on `scored`, both `[B, C, *S]`.
    public func callAsFunction(_ features: Tensor, scoresFrom scored: Tensor) -> Tensor {
        features * gate(scoresFrom: scored)
    }

    /// The gate `[B, C, *S]`, from 0 to 1, for scores measured on `scored`, `[B, C, *S]`.
    public func gate(scoresFrom scored: Tensor) -> Tensor {
        (spatialSlowNet.spatialScore(of: scored) * channelSlowNet.channelScore(of: scored)).sigmoid()
    }

    /// Visits `channelSlowNet` and `spatialSlowNet`.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try Self.visit("channelSlowNet", &channelSlowNet, body)
        try Self.visit("spatialSlowNet", &spatialSlowNet, body)
    }
}
