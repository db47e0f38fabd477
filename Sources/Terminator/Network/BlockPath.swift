/// The parts of a block under which names stand, of parameters and of statistics.
enum BlockPart: String {
    case globalSlowNet, localSlowNets, localBranches, channelMixer, activationRGU, kernelRGU
    case channelInteraction, hyperInteraction, bottleneck, offset
}

/// The parameters of a ``SlowFastBlock``.
public enum BlockPath: ParameterPath {
    /// A parameter of the slow net that makes the global hyper-kernel.
    case globalSlowNet(SlowNetPath)
    /// A parameter of the slow net that makes the kernels of a local branch.
    case localSlowNets(Int, LocalSlowNetPath)
    /// A parameter of a local branch.
    case localBranches(Int, LocalBranchPath)
    /// A parameter of the channel mixer.
    case channelMixer(LayerPath)
    /// A parameter of the gated unit that works on the input.
    case activationRGU(GatedUnitPath)
    /// A parameter of the gated unit that works on the Z·W kernels.
    case kernelRGU(GatedUnitPath)
    /// A parameter of the channel interaction.
    case channelInteraction(ChannelInteractionPath)
    /// A parameter of the hyper interaction.
    case hyperInteraction(HyperInteractionPath)
    /// A parameter of the bottleneck.
    case bottleneck(LayerPath)
    /// The scalar added to the block's output.
    case offset

    /// The properties' names and the indices, joined by dots.
    public var name: String {
        func name(_ part: BlockPart, _ rest: String) -> String { "\(part.rawValue).\(rest)" }
        return switch self {
        case .globalSlowNet(let path): name(.globalSlowNet, path.name)
        case .localSlowNets(let index, let path): name(.localSlowNets, "\(index).\(path.name)")
        case .localBranches(let index, let path): name(.localBranches, "\(index).\(path.name)")
        case .channelMixer(let path): name(.channelMixer, path.name)
        case .activationRGU(let path): name(.activationRGU, path.name)
        case .kernelRGU(let path): name(.kernelRGU, path.name)
        case .channelInteraction(let path): name(.channelInteraction, path.name)
        case .hyperInteraction(let path): name(.hyperInteraction, path.name)
        case .bottleneck(let path): name(.bottleneck, path.name)
        case .offset: BlockPart.offset.rawValue
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    public var isWeight: Bool {
        switch self {
        case .globalSlowNet(let path): path.isWeight
        case .localSlowNets(_, let path): path.isWeight
        case .localBranches(_, let path): path.isWeight
        case .channelMixer(let path), .bottleneck(let path): path.isWeight
        case .activationRGU(let path), .kernelRGU(let path): path.isWeight
        case .channelInteraction(let path): path.isWeight
        case .hyperInteraction(let path): path.isWeight
        case .offset: false
        }
    }
}
