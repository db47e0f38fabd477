import Tensors
@testable import Terminator

/// A configuration of the authors' for components of the given size.
private func configuration(
    extents: [Int], channels: Int, change: (inout NetworkConfiguration) -> Void = { _ in }
) -> NetworkConfiguration {
    var configuration = NetworkConfiguration.authors(
        extents: extents, inputChannels: channels, classCount: 1,
        blocks: [BlockConfiguration(channels: channels, expansion: 1)], omega: 1)
    change(&configuration)
    return configuration
}

private func spatialExtents(_ tensor: Tensor) -> [Int] { Array(tensor.shape.dropFirst(2)) }

func reproducePrimitive(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let size: Int?
        let alpha, beta: Float?
    }
    var golden = try GoldenCase<Configuration>(name)
    let configuration = golden.configuration
    try golden.check { table in
        let x = table["input/x"]
        let result: Tensor
        switch name.name.prefix(while: \.isLetter) {
        case "adaptive": result = x.adaptiveAveragePooled(to: configuration.size ?? 0)
        case "instance": result = x.standardized(over: .instance)
        case "batch": result = x.standardized(over: .batch)
        case "gelu": result = x.gelu()
        case "siglu": result = x.silu()
        case "renormalise":
            result = x.normRescaled(alpha: configuration.alpha ?? .nan, beta: configuration.beta ?? .nan)
        case "tile": result = x.tiled(toChannels: 3 * x.shape[1])
        default: throw GoldenError("unknown primitive '\(name.name)'")
        }
        return ["output/y": result]
    }
}

func reproduceGlobalSlowNet(_ name: CaseName) throws {
    struct Configuration: Decodable { let extents: [Int], hidden, out, layers: Int }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let slowNet = try table.filled(
            MultiplicativeFilterNetwork(
                extents: sizes.extents, outputs: sizes.out,
                size: SlowNetSize(hidden: sizes.hidden, layers: sizes.layers),
                frequencies: .gamma(omega: 1), using: &randomNumbers))
        return ["output/kernel": slowNet.kernel()]
    }
}

func reproduceChannelSlowNet(_ name: CaseName) throws {
    struct Configuration: Decodable { let channels, hidden, layers: Int }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let slowNet = try table.filled(
            MultiplicativeFilterNetwork(
                extents: [sizes.channels], outputs: 1,
                size: SlowNetSize(hidden: sizes.hidden, layers: sizes.layers),
                frequencies: .gamma(omega: 1), using: &randomNumbers))
        return ["output/kernel": slowNet.kernel()]
    }
}

func reproduceLocalSlowNet(_ name: CaseName) throws {
    struct Configuration: Decodable { let kernelSize, hidden, layers: Int, alpha, beta: Float }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        let x = table["input/x"]
        var randomNumbers = RandomNumbers(seed: 1)
        let slowNet = try table.filled(
            LocalSlowNet(
                channels: x.shape[1], size: sizes.kernelSize, axes: x.rank - 2,
                configuration: configuration(extents: spatialExtents(x), channels: x.shape[1]) {
                    $0.localSlowNet = SlowNetSize(hidden: sizes.hidden, layers: sizes.layers)
                    $0.renormalization.alpha = sizes.alpha
                    $0.renormalization.beta = sizes.beta
                },
                using: &randomNumbers))
        var pass = ForwardPass()
        return ["output/kernel": slowNet.kernels(for: x, in: &pass)]
    }
}

func reproduceRecursiveGatedUnit(_ name: CaseName) throws {
    var golden = try GoldenCase<Ignored>(name)
    try golden.check { table in
        let x = table["input/x"]
        var randomNumbers = RandomNumbers(seed: 1)
        let unit = try table.filled(
            RecursiveGatedUnit(
                channels: x.shape[1],
                configuration: configuration(extents: spatialExtents(x), channels: x.shape[1]),
                using: &randomNumbers))
        return ["output/y": unit(x)]
    }
}

func reproduceChannelInteraction(_ name: CaseName) throws {
    struct Configuration: Decodable { let hidden, layers: Int }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        let x = table["input/x"]
        var randomNumbers = RandomNumbers(seed: 1)
        let interaction = try table.filled(
            ChannelInteraction(
                channels: x.shape[1],
                configuration: configuration(extents: spatialExtents(x), channels: x.shape[1]) {
                    $0.channelSlowNet = SlowNetSize(hidden: sizes.hidden, layers: sizes.layers)
                },
                using: &randomNumbers))
        return ["output/y": interaction(x)]
    }
}

func reproduceHyperInteraction(_ name: CaseName) throws {
    struct Configuration: Decodable { let channelHidden, channelLayers, spatialHidden, spatialLayers: Int }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        let (x, y) = (table["input/x"], table["input/y"])
        var randomNumbers = RandomNumbers(seed: 1)
        let interaction = try table.filled(
            HyperInteraction(
                channels: x.shape[1],
                configuration: configuration(extents: spatialExtents(x), channels: x.shape[1]) {
                    $0.interactionChannelSlowNet = SlowNetSize(
                        hidden: sizes.channelHidden, layers: sizes.channelLayers)
                    $0.interactionSpatialSlowNet = SlowNetSize(
                        hidden: sizes.spatialHidden, layers: sizes.spatialLayers)
                },
                using: &randomNumbers))
        return ["output/result": interaction(x, scoresFrom: y)]
    }
}

func reproduceGroupStandardization(_ name: CaseName) throws {
    struct Configuration: Decodable { let groups: Int }
    var golden = try GoldenCase<Configuration>(name)
    let groups = golden.configuration.groups
    try golden.check { ["output/y": $0["input/x"].standardized(over: .alternating(groups: groups))] }
}

func reproduceLocalBranch(_ name: CaseName) throws {
    var golden = try GoldenCase<Ignored>(name)
    try golden.check { table in
        let (x, kernel) = (table["input/x"], table["input/kernel"])
        var randomNumbers = RandomNumbers(seed: 1)
        let branch = try table.filled(
            LocalBranch(
                channels: x.shape[1],
                configuration: configuration(extents: spatialExtents(x), channels: x.shape[1]),
                using: &randomNumbers))
        var pass = ForwardPass()
        return [
            "output/y": branch(x, kernels: kernel.reshaped(to: [1] + kernel.shape), in: &pass)
        ]
    }
}
