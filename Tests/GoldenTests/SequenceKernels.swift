import Tensors
@testable import Terminator

func reproduceStateSpaceKernel(_ name: CaseName) throws {
    struct Configuration: Decodable { let channels, modes, length: Int }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let net = try table.filled(
            DiagonalStateSpace(
                extents: [sizes.length], outputs: sizes.channels, modes: sizes.modes, using: &randomNumbers))
        return ["output/kernel": net.kernel()]
    }
}

func reproduceHyenaKernel(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let channels, hidden, embedding, layers, length: Int
        let shift: Float
    }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let filter = HyenaFilter(
            extents: [sizes.length], outputs: sizes.channels,
            size: SlowNetSize(hidden: sizes.hidden, layers: sizes.layers), embedding: sizes.embedding,
            using: &randomNumbers)
        let window = ExponentialWindow(
            channels: sizes.channels, ExponentialDecay(fast: 0.3, slow: 1.5, shift: sizes.shift))
        let net = try table.filled(
            HyenaUnderGoldenNames(net: WindowedSlowNet(filter, window: window, alignment: .causal)))
        return ["output/kernel": net.net.kernel()]
    }
}

/// The filter and its window, with the golden tensors' names of parameters.
private struct HyenaUnderGoldenNames: Module {
    var net: WindowedSlowNet<HyenaFilter, ExponentialWindow>

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try net.forEachParameterPath { path, parameter in
            let name =
                switch path {
                case .first(let path): "input.\(path.name)"
                case .linears(let index, let path): "hidden.\(index).\(path.name)"
                case .window(let path): path.name
                default: path.name
                }
            try body(name, &parameter)
        }
    }
}

func reproduceMultiscaleKernel(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let channels, size, scales, length: Int
        let decay: Float
    }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        var net = MultiscaleKernel(
            extents: [sizes.length], outputs: sizes.channels, size: sizes.size, scaleCount: sizes.scales,
            decay: sizes.decay, using: &randomNumbers)
        net.inverseNorms = Tensor(
            shape: [sizes.channels, 1], scalars: table["input/norm"].scalars.map { 1 / $0 })
        return ["output/kernel": try table.filled(net).kernel()]
    }
}

func reproduceExplicitKernel(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let channels, length, smoothing: Int
        let threshold: Float
    }
    var golden = try GoldenCase<Configuration>(name)
    let sizes = golden.configuration
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let net = try table.filled(
            ExplicitKernel(
                extents: [sizes.length], outputs: sizes.channels, smoothing: sizes.smoothing,
                threshold: sizes.threshold, using: &randomNumbers))
        return ["output/kernel": net.kernel()]
    }
}
