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

/// The last part of the keys under which the authors' code holds the extent of a slow net's kernel.
let kernelExtentKey = "train_length"

/// The shape in which the authors' code holds a parameter: mixing weights are kernels of one sample along each axis,
/// spatial biases have axes for batch and channels.
func authorsShape(ofParameterNamed name: String, shape: [Int]) -> [Int] {
    if name.hasSuffix("spatialBias") { return [1, 1] + shape }
    guard name.hasSuffix(".weight"), !name.hasPrefix("classifier.") else { return shape }
    let isOverChannels = name.contains(".channelInteraction.") || name.contains(".channelSlowNet.")
    return shape + (isOverChannels ? [1] : [1, 1])
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
