import Tensors

/// The parts of a network among which its parameters divide.
public enum ParameterGroup: String, Sendable, CaseIterable {
    /// The slow nets that make the global hyper-kernels.
    case globalSlowNets
    /// The filter networks of the slow nets that make the local kernels.
    case localGenerators
    /// What brings context into the local kernels.
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

    /// Whether the group belongs to slow nets: what makes kernels, as opposed to what acts with them on the input.
    public var isSlow: Bool {
        switch self {
        case .globalSlowNets, .localGenerators, .localContext, .channelInteraction,
            .hyperInteractionOverChannels, .hyperInteractionOverSpace:
            true
        case .gatedUnits, .localMixers, .channelMixers, .bottlenecks, .offsets, .classifier: false
        }
    }

    /// The group of a network's parameter; `nil` for a name that is none of a network's.
    public init?(ofParameterNamed name: String) {
        let path = name.split(separator: ".")
        if path.first == "classifier" {
            self = .classifier
            return
        }
        guard path.count >= 3, path[0] == "blocks" else { return nil }
        switch (path[2], path.last) {
        case ("globalSlowNet", _): self = .globalSlowNets
        case ("localSlowNets", _):
            self = path.dropFirst(4).first?.hasPrefix("context") == true ? .localContext : .localGenerators
        case ("localBranches", "offset"), ("offset", _): self = .offsets
        case ("localBranches", _): self = .localMixers
        case ("channelMixer", _): self = .channelMixers
        case ("activationRGU", _), ("kernelRGU", _): self = .gatedUnits
        case ("channelInteraction", _): self = .channelInteraction
        case ("hyperInteraction", _):
            self =
                path.dropFirst(3).first == "channelSlowNet"
                ? .hyperInteractionOverChannels : .hyperInteractionOverSpace
        case ("bottleneck", _): self = .bottlenecks
        default: return nil
        }
    }
}

extension Network {
    /// The number of scalars in each group of parameters.
    public var parameterCounts: [ParameterGroup: Int] {
        var counts: [ParameterGroup: Int] = [:]
        for (name, tensor) in parameters {
            guard let group = ParameterGroup(ofParameterNamed: name) else {
                fatalError("the parameter '\(name)' belongs to no group")
            }
            counts[group, default: 0] += tensor.count
        }
        return counts
    }

    /// The number of scalars in the slow nets' parameters.
    public var slowParameterCount: Int {
        parameterCounts.reduce(0) { $0 + ($1.key.isSlow ? $1.value : 0) }
    }
}
