import Tensors

/// The hyper-channel interaction: a gate σ(w_c · m²) for each sample and channel, with a channel hyper-kernel w.
public struct ChannelInteraction: StructuredModule {
    /// The slow net of the hyper-kernel `[1, C]` over the channels.
    public var slowNet: MultiplicativeFilterNetwork<SineFilter>

    init(channels: Int, configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        slowNet = MultiplicativeFilterNetwork(
            extents: [channels], outputs: 1, size: configuration.channelSlowNet,
            frequencies: configuration.frequencies, using: &randomNumbers)
    }

    /// The gate `[B, C, 1, ...]` for features `[B, C, *S]`.
    public func gate(of features: Tensor) -> Tensor {
        var pass = ForwardPass()
        return gate(of: features, in: &pass)
    }

    /// The gate in a pass, which says what the mean is taken over; `[B, C, L]` where it is that of the samples so far.
    func gate(of features: Tensor, in pass: inout ForwardPass) -> Tensor {
        slowNet.channelScore(of: features, in: &pass).sigmoid()
    }

    /// The gated features.
    public func callAsFunction(_ features: Tensor) -> Tensor {
        features * gate(of: features)
    }

    /// Visits `slowNet`.
    public mutating func forEachParameterPath(
        _ body: (ChannelInteractionPath, inout Tensor) throws -> Void
    ) rethrows {
        try slowNet.forEachParameterPath { try body(.slowNet($0), &$1) }
    }
}

/// The parameters of a ``ChannelInteraction``.
public enum ChannelInteractionPath: ParameterPath {
    /// A parameter of the slow net over the channels.
    case slowNet(SlowNetPath)

    /// The properties' names, joined by dots.
    public var name: String {
        switch self {
        case .slowNet(let path): "slowNet.\(path.name)"
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    public var isWeight: Bool {
        switch self {
        case .slowNet(let path): path.isWeight
        }
    }
}
