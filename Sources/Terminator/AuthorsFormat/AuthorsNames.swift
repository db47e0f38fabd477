// The authors' code holds the same parameters under keys and in shapes of its own. Both follow from a parameter's path.

extension NetworkPath {
    /// The parameter's keys in the authors' checkpoints, in order of preference.
    var authorsKeys: [String] {
        switch self {
        case .blocks(let index, let path): path.authorsKeys.map { "blocks.\(index).\($0)" }
        case .classifier(let path): ["out_layer.\(path.name)"]
        }
    }

    /// The last component of the keys of a slow net's kernel extent in the authors' checkpoints.
    static let authorsExtentName = "train_length"

    /// The key of the kernel's extent, for the spatial bias of a slow net: each net has one of both.
    var authorsExtentKey: String? {
        guard case .blocks(let index, let path) = self, let net = path.authorsSlowNet, path.isSpatialBias
        else { return nil }
        return "blocks.\(index).\(authorsBranch).\(net.name).\(Self.authorsExtentName)"
    }

    /// The shape in which the authors' code holds the parameter: weights are convolution kernels of one sample along
    /// each axis, spatial biases have axes for batch and channels.
    func authorsShape(_ shape: [Int]) -> [Int] {
        guard case .blocks(_, let path) = self else { return shape }
        if path.isSpatialBias { return [1, 1] + shape }
        guard path.isWeight else { return shape }
        return shape + Array(repeating: 1, count: path.isOfNetOverChannels ? 1 : 2)
    }
}

/// The component of the authors' keys that holds all parts of a block but its offset.
private let authorsBranch = "fast_multi_branch"

/// The authors count local branches from one.
private func oneBased(_ index: Int) -> Int { index + 1 }

extension BlockPath {
    fileprivate var authorsKeys: [String] {
        func keys(_ part: String) -> [String] { ["\(authorsBranch).\(part)"] }
        if let net = authorsSlowNet { return keys("\(net.name).Kernel.\(net.parameter)") }
        return switch self {
        case .offset: ["bias"]
        case .localBranches(let index, .offset): keys("bias\(oneBased(index))")
        case .localBranches(let index, .mixer(let path)):
            keys("local_interact_conv_\(oneBased(index)).channel_mixer.\(path.name)")
        case .channelMixer(let path): keys("channel_mixer_mlp.\(path.name)")
        case .bottleneck(let path): keys("bottleneck_layer.\(path.name)")
        case .activationRGU(let path): path.authorsNames.flatMap { keys("Fast_Kernel_rgu.\($0)") }
        case .kernelRGU(let path): path.authorsNames.flatMap { keys("Fast_Kernel_rgu_2.\($0)") }
        case .globalSlowNet, .localSlowNets, .channelInteraction, .hyperInteraction:
            fatalError("expected a key for each parameter of a slow net, got none for '\(name)'")
        }
    }

    /// The authors' names of the slow net that the parameter belongs to and of the parameter in it.
    fileprivate var authorsSlowNet: (name: String, parameter: String)? {
        switch self {
        case .globalSlowNet(let path): ("slow_net_g", path.authorsName)
        case .localSlowNets(let index, let path): ("slow_net_l\(oneBased(index))", path.authorsName)
        case .channelInteraction(.slowNet(let path)): ("channel_mixer_hci.slow_net_gc", path.authorsName)
        case .hyperInteraction(.channelSlowNet(let path)): ("hyper_interact.slow_net_gc", path.authorsName)
        case .hyperInteraction(.spatialSlowNet(let path)): ("hyper_interact.slow_net_gs", path.authorsName)
        case .localBranches, .channelMixer, .activationRGU, .kernelRGU, .bottleneck, .offset: nil
        }
    }

    fileprivate var isSpatialBias: Bool {
        switch self {
        case .globalSlowNet(.spatialBias), .localSlowNets(_, .filterNetwork(.spatialBias)),
            .channelInteraction(.slowNet(.spatialBias)), .hyperInteraction(.channelSlowNet(.spatialBias)),
            .hyperInteraction(.spatialSlowNet(.spatialBias)), .activationRGU(.spatialBias),
            .kernelRGU(.spatialBias):
            true
        case .globalSlowNet, .localSlowNets, .channelInteraction, .hyperInteraction, .activationRGU,
            .kernelRGU,
            .localBranches, .channelMixer, .bottleneck, .offset:
            false
        }
    }

    fileprivate var isOfNetOverChannels: Bool {
        switch self {
        case .channelInteraction, .hyperInteraction(.channelSlowNet): true
        case .globalSlowNet, .localSlowNets, .localBranches, .channelMixer, .activationRGU, .kernelRGU,
            .hyperInteraction(.spatialSlowNet), .bottleneck, .offset:
            false
        }
    }
}

extension SlowNetPath {
    fileprivate var authorsName: String {
        switch self {
        case .filters(let index, let path): "filters.\(index).linear.\(path.name)"
        case .output(let path): "output_linear.\(path.name)"
        case .spatialBias: "bias_p"
        // The same there, or in none of their networks.
        case .first, .linears, .tables, .stateSpace, .frequencies, .scales, .taps, .window, .other: name
        }
    }
}

extension LocalSlowNetPath {
    fileprivate var authorsName: String {
        switch self {
        case .filterNetwork(.spatialBias): "bias_pk"
        case .filterNetwork(let path): path.authorsName
        case .contextReduce(let path): "fast_reduce.\(path.name)"
        case .contextMix(let path): "fast_fc1.\(path.name)"
        case .contextLinears(let index, let path): "fast_linears_x.\(index).\(path.name)"
        // Not among the parameters of their networks.
        case .renormalizations: name
        }
    }
}

extension GatedUnitPath {
    fileprivate var authorsNames: [String] {
        switch self {
        case .layer(let layer, let path): ["fast_linear_\(layer.authorsLetter).\(path.name)"]
        // The second name is that of revisions of June 2024.
        case .spatialBias: ["fast_bias_p", "bias_p"]
        }
    }
}

extension GatedUnitPath.Layer {
    fileprivate var authorsLetter: String {
        switch self {
        case .key: "k"
        case .value: "v"
        case .query: "q"
        case .output: "y"
        }
    }
}
