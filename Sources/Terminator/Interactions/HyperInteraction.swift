import Tensors

/// The hyper interaction: a gate for each sample, channel and position, the product of two Z·W scores.
///
///     result = x ⊙ σ((w_c m_c²) (w_s m_s²))
///
/// with m_c and m_s the means over space and over the channels of the features the scores are measured on.
public struct HyperInteraction: StructuredModule {
    /// The slow net of the hyper-kernel `[1, C]` over the channels.
    public var channelSlowNet: MultiplicativeFilterNetwork<SineFilter>
    /// The slow net of the hyper-kernel `[1, *S]` over space.
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
        var pass = ForwardPass()
        return gate(scoresFrom: scored, in: &pass)
    }

    /// The gate in a pass, which says what the mean over space is taken over.
    func gate(scoresFrom scored: Tensor, in pass: inout ForwardPass) -> Tensor {
        let spatial = spatialSlowNet.spatialScore(of: scored, in: &pass)
        return (spatial * channelSlowNet.channelScore(of: scored, in: &pass)).sigmoid()
    }

    /// Visits `channelSlowNet` and `spatialSlowNet`.
    public mutating func forEachParameterPath(
        _ body: (HyperInteractionPath, inout Tensor) throws -> Void
    ) rethrows {
        try channelSlowNet.forEachParameterPath { try body(.channelSlowNet($0), &$1) }
        try spatialSlowNet.forEachParameterPath { try body(.spatialSlowNet($0), &$1) }
    }
}

/// The parameters of a ``HyperInteraction``.
public enum HyperInteractionPath: ParameterPath {
    /// A parameter of the slow net over the channels.
    case channelSlowNet(SlowNetPath)
    /// A parameter of the slow net over space.
    case spatialSlowNet(SlowNetPath)

    /// The properties' names, joined by dots.
    public var name: String {
        switch self {
        case .channelSlowNet(let path): "channelSlowNet.\(path.name)"
        case .spatialSlowNet(let path): "spatialSlowNet.\(path.name)"
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    public var isWeight: Bool {
        switch self {
        case .channelSlowNet(let path), .spatialSlowNet(let path): path.isWeight
        }
    }
}
