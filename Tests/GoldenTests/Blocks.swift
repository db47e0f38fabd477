import Tensors

@testable import Terminator

/// A whole block, with every map on its way.
func reproduceBlock(_ name: CaseName) throws {
    var golden = try GoldenCase<GoldenConfiguration>(name)
    let configuration = try golden.configuration.network()
    let skipNames = golden.all("input").keys.filter { $0.hasPrefix("skip") }.sorted()
    try golden.check { table in
        var randomNumbers = RandomNumbers(seed: 1)
        let block = try table.filled(
            SlowFastBlock(configuration.blocks[0], in: configuration, using: &randomNumbers))
        var pass = ForwardPass()
        let maps = block.maps(of: table["input/x"], in: &pass)
        let narrow = block.narrowed(maps, skips: skipNames.map { table["input/\($0)"] })
        var results = traces(of: maps)
        results["trace/bottleneck"] = narrow
        results["output/y"] = block.output(narrow, in: &pass)
        results["output/globalKernel"] = maps.globalKernel
        return results
    }
}

private func traces(of maps: BlockActivations) -> [String: Tensor] {
    var traces = [
        "trace/globalKernel": maps.globalKernel, "trace/contextKernel": maps.contextKernel,
        "trace/fast": maps.fast, "trace/mixed": maps.mixed, "trace/weighted": maps.weighted,
        "trace/out": maps.out, "trace/outMixed": maps.outMixed, "trace/outWeighted": maps.outWeighted,
        "trace/gated": maps.gated, "trace/hyper": maps.hyper,
    ]
    for (branch, (kernels, map)) in zip(maps.localKernels, maps.local).enumerated() {
        traces["trace/localKernel\(branch)"] = kernels
        traces["trace/local\(branch)"] = map
    }
    return traces
}
