import Tensors

/// The groups of a network's parameters.
public enum ParameterGroup: String, Sendable, CaseIterable {
    /// The slow nets that make the global hyper-kernels.
    case globalSlowNets
    /// The filter networks of the slow nets that make the local kernels.
    case localGenerators
    /// The context layers of the slow nets that make the local kernels.
    case localContext
    /// The slow nets of the channel interactions.
    case channelInteraction
    /// The slow nets over the channels in the hyper interactions.
    case hyperInteractionOverChannels
    /// The slow nets over space in the hyper interactions.
    case hyperInteractionOverSpace
    /// The recursive gated units.
    case gatedUnits
    /// The channel mixers of the local branches.
    case localMixers
    /// The blocks' channel mixers.
    case channelMixers
    /// The bottlenecks.
    case bottlenecks
    /// The offsets of blocks and local branches.
    case offsets
    /// The classifier.
    case classifier

    /// Whether the group belongs to slow nets, which make kernels, rather than to the layers that act on the input.
    public var isSlow: Bool {
        switch self {
        case .globalSlowNets, .localGenerators, .localContext, .channelInteraction,
            .hyperInteractionOverChannels, .hyperInteractionOverSpace:
            true
        case .gatedUnits, .localMixers, .channelMixers, .bottlenecks, .offsets, .classifier: false
        }
    }
}

extension NetworkPath {
    /// The group that the parameter belongs to.
    public var group: ParameterGroup {
        switch self {
        case .blocks(_, let path): path.group
        case .classifier: .classifier
        }
    }
}

extension BlockPath {
    fileprivate var group: ParameterGroup {
        switch self {
        case .globalSlowNet: .globalSlowNets
        case .localSlowNets(_, let path):
            switch path {
            case .filterNetwork, .renormalizations: .localGenerators
            case .contextReduce, .contextMix, .contextLinears: .localContext
            }
        case .localBranches(_, .mixer): .localMixers
        case .localBranches(_, .offset), .offset: .offsets
        case .channelMixer: .channelMixers
        case .activationRGU, .kernelRGU: .gatedUnits
        case .channelInteraction: .channelInteraction
        case .hyperInteraction(.channelSlowNet): .hyperInteractionOverChannels
        case .hyperInteraction(.spatialSlowNet): .hyperInteractionOverSpace
        case .bottleneck: .bottlenecks
        }
    }
}

extension Network {
    /// The number of scalars in each group of parameters.
    public var parameterCounts: [ParameterGroup: Int] {
        parametersByPath.reduce(into: [:]) { counts, parameter in
            counts[parameter.path.group, default: 0] += parameter.tensor.count
        }
    }

    /// The number of scalars in the slow nets' parameters.
    public var slowParameterCount: Int {
        parameterCounts.reduce(0) { $0 + ($1.key.isSlow ? $1.value : 0) }
    }
}
