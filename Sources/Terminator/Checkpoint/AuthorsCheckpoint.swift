import Tensors

extension Network {
    /// Reads the parameters from a checkpoint of the authors' code, converted to Safetensors. Does nothing if it fails.
    ///
    /// Accepts the keys of the network and, behind `network.`, those of the training module around it. The output
    /// weights of slow nets are taken as they are: the factor 1/√(number of samples) is in them. The configuration
    /// must be one of ``NetworkConfiguration/authors(extents:inputChannels:classCount:blocks:omega:)``.
    public mutating func loadAuthorsParameters(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let loaded = try withParameters { (name, shape) throws(CheckpointError) in
            let keys = authorsKeys(ofParameterNamed: name)
            return try file.take(
                name, keys: keys + keys.map { "network.\($0)" }, shape: shape, ignoringAxesOfOne: true)
        }
        // The extent of each kernel, beside every slow net.
        file.ignore { $0.hasSuffix("train_length") }
        try file.expectEmpty()
        self = loaded
    }
}

/// The keys, in order of preference, under which the authors' code holds a parameter.
func authorsKeys(ofParameterNamed name: String) -> [String] {
    var path = name.split(separator: ".").map(String.init)
    guard path.count > 3 || path.last == "offset", path[0] == "blocks" else {
        return [name.replacing("classifier.", with: "out_layer.", maxReplacements: 1)]
    }
    let block = "blocks.\(path[1])"
    let part = path[2]
    path.removeFirst(3)
    func key(_ part: String, _ rest: [String]) -> String {
        ([block, "fast_multi_branch", part] + rest).joined(separator: ".")
    }
    switch part {
    case "offset": return ["\(block).bias"]
    case "globalSlowNet": return [key("slow_net_g.Kernel", slowNetPath(path))]
    case "localSlowNets":
        return [
            key("slow_net_l\(number(path[0])).Kernel", slowNetPath(Array(path[1...]), spatialBias: "bias_pk"))
        ]
    case "localBranches" where path[1] == "offset": return [key("bias\(number(path[0]))", [])]
    case "localBranches":
        return [key("local_interact_conv_\(number(path[0])).channel_mixer", Array(path[2...]))]
    case "channelMixer": return [key("channel_mixer_mlp", path)]
    case "bottleneck": return [key("bottleneck_layer", path)]
    case "channelInteraction":
        return [key("channel_mixer_hci.slow_net_gc.Kernel", slowNetPath(Array(path[1...])))]
    case "hyperInteraction":
        let slowNet = path[0] == "channelSlowNet" ? "slow_net_gc" : "slow_net_gs"
        return [key("hyper_interact.\(slowNet).Kernel", slowNetPath(Array(path[1...])))]
    case "activationRGU", "kernelRGU":
        let unit = part == "activationRGU" ? "Fast_Kernel_rgu" : "Fast_Kernel_rgu_2"
        // Revisions of June 2024 have the second name.
        guard path[0] != "spatialBias" else { return [key(unit, ["fast_bias_p"]), key(unit, ["bias_p"])] }
        let letters = ["key": "k", "value": "v", "query": "q", "output": "y"]
        return [key(unit, ["fast_linear_\(letters[path[0]] ?? path[0])"] + path[1...])]
    default: return [name]
    }
}

/// The authors count from one.
private func number(_ index: String) -> Int { (Int(index) ?? 0) + 1 }

private func slowNetPath(_ path: [String], spatialBias: String = "bias_p") -> [String] {
    switch path[0] {
    case "filters": [path[0], path[1], "linear"] + path[2...]
    case "output": ["output_linear"] + path[1...]
    case "contextReduce": ["fast_reduce"] + path[1...]
    case "contextMix": ["fast_fc1"] + path[1...]
    case "contextLinears": ["fast_linears_x"] + path[1...]
    case "spatialBias": [spatialBias]
    default: path
    }
}
