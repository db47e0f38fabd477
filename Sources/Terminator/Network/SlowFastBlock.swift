import Tensors

/// The slow-fast neural encoding block: ten feature maps of its input, made by global, local and elementwise Z·W
/// interactions, and a bottleneck that encodes them in fewer channels (arXiv 2401.17948, section 3).
///
/// Slow nets make kernels from coordinates and from the input; the other parts apply them to the input.
public struct SlowFastBlock: StructuredModule {
    /// The slow net of the global hyper-kernel `[C, *S]`.
    ///
    /// An existential, because a configuration chooses the type at run time: a type parameter would spread to the
    /// network and to everything that reads one from a file, and an enumeration of nets would repeat its cases in each
    /// method.
    public var globalSlowNet: any SlowNet
    /// The slow nets of the local branches' kernels.
    public var localSlowNets: [LocalSlowNet]
    /// The local branches, one for each of these slow nets.
    public var localBranches: [LocalBranch]
    /// The linear layer `[C, C]` of the mixed channels.
    public var channelMixer: PointwiseLayer
    /// The gated unit of the input.
    public var activationRGU: RecursiveGatedUnit
    /// The gated unit of the context-dependent kernels Z·W.
    public var kernelRGU: RecursiveGatedUnit
    /// The gate of each sample and channel.
    public var channelInteraction: ChannelInteraction
    /// The gate of each sample, channel and position.
    public var hyperInteraction: HyperInteraction
    /// The linear layer from all feature maps to the block's output channels.
    public var bottleneck: PointwiseLayer
    /// A scalar `[1]` that is added to the block's output.
    public var offset: Tensor

    static let localBranchCount = 4
    static let largestSkipCount = 2
    private let interaction: GlobalInteraction
    private let gateOrder: GateOrder
    private let standardizationGroups: Int
    private let extents: [Int]

    /// A block of the given size in a network of the given configuration.
    public init(
        _ block: BlockConfiguration, in configuration: NetworkConfiguration,
        using randomNumbers: inout RandomNumbers
    ) {
        let channels = block.channels
        globalSlowNet = configuration.globalSlowNet(
            outputs: channels, layers: block.globalLayers, using: &randomNumbers)
        localSlowNets = configuration.localKernelSizes.map {
            LocalSlowNet(
                channels: channels, size: $0, axes: configuration.extents.count, configuration: configuration,
                using: &randomNumbers)
        }
        localBranches = configuration.localKernelSizes.map { _ in
            LocalBranch(channels: channels, configuration: configuration, using: &randomNumbers)
        }
        let canceledBias: Initialization? = configuration.keepsCanceledBiases ? .constant(0) : nil
        channelMixer = PointwiseLayer(
            inputs: channels, outputs: channels, weight: .rectifierGain(fanIn: channels), bias: canceledBias,
            using: &randomNumbers)
        activationRGU = RecursiveGatedUnit(
            channels: channels, configuration: configuration, using: &randomNumbers)
        kernelRGU = RecursiveGatedUnit(
            channels: channels, configuration: configuration, using: &randomNumbers)
        channelInteraction = ChannelInteraction(
            channels: channels, configuration: configuration, using: &randomNumbers)
        hyperInteraction = HyperInteraction(
            channels: channels, configuration: configuration, using: &randomNumbers)
        let mapChannels = channels * (BlockActivations.concatenatedCount + block.skips.count)
        bottleneck = PointwiseLayer(
            inputs: mapChannels, outputs: block.outputChannels, weight: .rectifierGain(fanIn: mapChannels),
            bias: canceledBias, using: &randomNumbers)
        offset = Tensor(shape: [1], repeating: 0)
        interaction = configuration.globalInteraction
        gateOrder = configuration.gateOrder
        standardizationGroups = configuration.standardizationGroups
        extents = configuration.extents
    }

    /// The block's output `[B, C', *S]` and its global hyper-kernel `[C, *S]`.
    ///
    /// - Parameters:
    ///   - input: `[B, C, *S]`.
    ///   - skips: earlier maps, at most two, each with a number of channels that divides C.
    ///   - dropout: the factors `[B, C']` of the output's channels, or `nil` for none.
    func callAsFunction(
        _ input: Tensor, skips: [Tensor], dropout: Tensor? = nil, in pass: inout ForwardPass
    ) -> (output: Tensor, kernel: Tensor) {
        let maps = maps(of: input, in: &pass)
        let narrow = narrowed(maps, skips: skips)
        return (output(narrow, dropout: dropout, in: &pass), maps.globalKernel)
    }

    /// The feature maps and kernels before the bottleneck.
    func maps(of input: Tensor, in pass: inout ForwardPass) -> BlockActivations {
        let sampled = pass.sampledExtents(of: input, madeFor: extents)
        let globalKernel = pass.constant(named: BlockPart.globalSlowNet.rawValue) {
            globalSlowNet.kernel(extents: sampled)
        }
        let contextKernel = input * pass.taps(globalKernel, over: input)

        let gatedKernel = pass.within(BlockPart.kernelRGU) { kernelRGU.gated(contextKernel, in: &$0) }
        let gatedInput = pass.within(BlockPart.activationRGU) { activationRGU.gated(input, in: &$0) }
        let fast = pass.standardized(
            RecursiveGatedUnit.sum((kernelRGU, gatedKernel), (activationRGU, gatedInput)),
            named: MapName.fast)
        let mixed = pass.standardized(channelMixer(input), named: MapName.mixed)
        let weighted = weighted(input, in: &pass)

        let acted = acted(
            on: [fast, mixed, weighted], contextKernel, support: globalSlowNet.support(extents: sampled),
            in: &pass)
        let out = acted[0]
        let hyperGate = pass.within(BlockPart.hyperInteraction) {
            hyperInteraction.gate(scoresFrom: out, in: &$0)
        }

        // Where each kernel comes from, and what it is applied to.
        let wiring = [
            (source: input, target: weighted), (source: weighted, target: input),
            (source: mixed, target: input), (source: input, target: mixed),
        ]
        var localKernels: [Tensor] = []
        var local: [Tensor] = []
        for (branch, (source, target)) in wiring.enumerated() {
            let kernels = pass.within(BlockPart.localSlowNets, branch) {
                localSlowNets[branch].kernels(for: source, in: &$0)
            }
            localKernels.append(kernels)
            local.append(
                pass.within(BlockPart.localBranches, branch) {
                    localBranches[branch](target, kernels: kernels, in: &$0)
                })
        }
        return BlockActivations(
            globalKernel: globalKernel, contextKernel: contextKernel, fast: fast, mixed: mixed,
            weighted: weighted, out: out, outMixed: acted[1], outWeighted: acted[2],
            gated: out.silu(), hyperGate: hyperGate, hyper: input * hyperGate, localKernels: localKernels,
            local: local)
    }

    private func weighted(_ input: Tensor, in pass: inout ForwardPass) -> Tensor {
        let gate = pass.within(BlockPart.channelInteraction) { channelInteraction.gate(of: input, in: &$0) }
        return switch gateOrder {
        case .beforeStandardization: pass.standardized(input * gate, named: MapName.weighted)
        case .afterStandardization: pass.standardized(input, named: MapName.weighted) * gate
        }
    }

    private func acted(
        on features: [Tensor], _ contextKernel: Tensor, support: [Int], in pass: inout ForwardPass
    ) -> [Tensor] {
        pass.streamedConvolutions(features, contextKernel: contextKernel)
            ?? interaction(
                features, contextKernel: interactionKernel(contextKernel, form: pass.form), support: support,
                exactHead: pass.form == .prefix ? ForwardPass.exactHead : 0)
    }

    /// The kernel scaled by the ratio of the grids' numbers of samples: on a finer grid than the block was made for, a
    /// sum over the samples has more terms. In causal forms the kernel ends with its last tap.
    private func interactionKernel(_ contextKernel: Tensor, form: SequenceStatistics) -> Tensor {
        let spatialExtents = Array(contextKernel.shape.dropFirst(2))
        guard !form.isCausal else {
            return spatialExtents[0] <= extents[0]
                ? contextKernel : contextKernel.slice(alongAxis: 2, 0..<extents[0])
        }
        guard spatialExtents != extents else { return contextKernel }
        return contextKernel * (Float(extents.reduce(1, *)) / Float(spatialExtents.reduce(1, *)))
    }

    /// The names of the maps with statistics.
    private enum MapName {
        static let (fast, mixed, weighted) = ("fast", "mixed", "weighted")
    }

    /// The bottleneck's linear layer: the concatenated maps and skips, `[B, C', *S]`.
    ///
    /// A skip with C / n channels stands for n concatenated copies. The weight's columns W_j that act on the copies are
    /// added instead: Σ_j W_j x = (Σ_j W_j) x.
    func narrowed(_ maps: BlockActivations, skips: [Tensor]) -> Tensor {
        let parts = maps.inOrder(with: skips)
        let weight = bottleneck.weight.summingRepeatedColumns(
            parts.map { RepeatedColumns(columns: $0.map.shape[1], copies: $0.copies) })
        return .pointwise(parts.map(\.map), weight: weight, bias: bottleneck.bias)
    }

    /// The block's output for that of the linear layer: group-wise alternating instance and batch standardization
    /// (G-IBS), GELU, the offset and dropout.
    func output(_ narrow: Tensor, dropout: Tensor? = nil, in pass: inout ForwardPass) -> Tensor {
        pass.standardizedGELU(
            narrow, over: .alternating(groups: standardizationGroups), offset: offset, factors: dropout,
            named: BlockPart.bottleneck.rawValue)
    }

    /// Names the statistics that a pass takes over its batch, with their shapes.
    func declareStatistics(_ shapes: inout StatisticsShapes, form: SequenceStatistics) {
        let axes = extents.count
        for (index, net) in localSlowNets.enumerated() {
            shapes.within(BlockPart.localSlowNets, index) { net.declareStatistics(&$0, form: form) }
        }
        for (index, branch) in localBranches.enumerated() {
            shapes.within(BlockPart.localBranches, index) {
                branch.declareStatistics(&$0, form: form, axes: axes)
            }
        }
        guard form != .prefix else { return }
        shapes.addMoments(
            named: BlockPart.bottleneck.rawValue, channels: bottleneck.weight.shape[0], axes: axes)
        guard form == .frozen else { return }
        let channels = channelMixer.weight.shape[0]
        for name in [MapName.fast, MapName.mixed, MapName.weighted] {
            shapes.addMoments(named: name, channels: channels, axes: axes)
        }
        for (part, unit) in [(BlockPart.activationRGU, activationRGU), (.kernelRGU, kernelRGU)] {
            shapes.within(part) { unit.declareStatistics(&$0, form: form, axes: axes) }
        }
        for part in [BlockPart.channelInteraction, .hyperInteraction] {
            shapes.within(part) {
                GateScores.declareStatistics(&$0, form: form, channels: channels, axes: axes)
            }
        }
    }

    /// Visits the parameters of every part, in the order of the properties.
    public mutating func forEachParameterPath(_ body: (BlockPath, inout Tensor) throws -> Void) rethrows {
        try globalSlowNet.forEachParameterPath { try body(.globalSlowNet($0), &$1) }
        for index in localSlowNets.indices {
            try localSlowNets[index].forEachParameterPath { try body(.localSlowNets(index, $0), &$1) }
        }
        for index in localBranches.indices {
            try localBranches[index].forEachParameterPath { try body(.localBranches(index, $0), &$1) }
        }
        try channelMixer.forEachParameterPath { try body(.channelMixer($0), &$1) }
        try activationRGU.forEachParameterPath { try body(.activationRGU($0), &$1) }
        try kernelRGU.forEachParameterPath { try body(.kernelRGU($0), &$1) }
        try channelInteraction.forEachParameterPath { try body(.channelInteraction($0), &$1) }
        try hyperInteraction.forEachParameterPath { try body(.hyperInteraction($0), &$1) }
        try bottleneck.forEachParameterPath { try body(.bottleneck($0), &$1) }
        try body(.offset, &offset)
    }
}
