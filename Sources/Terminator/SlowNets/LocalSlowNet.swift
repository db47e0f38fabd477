import Tensors

/// A slow net with context: makes a small kernel from coordinates and from what it sees of the features.
///
///     context = gelu(contextMix(contextReduce(pool(x))))
///     h_l <- renormalize(h_l) ⊙ contextLinear_l(context)     after each layer of the filter network
///
/// The pooled features have the kernel's extents. Either their mean over the batch makes one kernel for all samples,
/// or each sample makes kernels of its own (``LocalContext``).
public struct LocalSlowNet: Module {
    /// The filter network over the kernel's coordinates.
    public var filterNetwork: MultiplicativeFilterNetwork<SineFilter>
    /// Channels to hidden.
    public var contextReduce: PointwiseLayer
    /// Hidden to hidden.
    public var contextMix: PointwiseLayer
    /// One for each layer, hidden to hidden.
    public var contextLinears: [PointwiseLayer]
    /// One for each layer.
    var renormalizations: [Renormalization]
    let context: LocalContext

    /// A slow net for kernels `[channels, size, ...]` over `axes` axes.
    init(
        channels: Int, size: Int, axes: Int, configuration: NetworkConfiguration,
        using randomNumbers: inout RandomNumbers
    ) {
        let hidden = configuration.localSlowNet.hidden
        filterNetwork = MultiplicativeFilterNetwork(
            extents: Array(repeating: size, count: axes), outputs: channels, size: configuration.localSlowNet,
            frequencies: configuration.frequencies, using: &randomNumbers)
        func linear(inputs: Int, weight: Initialization, bias: Initialization) -> PointwiseLayer {
            PointwiseLayer(
                inputs: inputs, outputs: hidden, weight: weight, bias: bias, using: &randomNumbers)
        }
        contextReduce = linear(
            inputs: channels, weight: .lowGain(fanIn: channels), bias: .lowGain(fanIn: channels))
        contextMix = linear(inputs: hidden, weight: .lowGain(fanIn: hidden), bias: .lowGain(fanIn: hidden))
        contextLinears = (0..<configuration.localSlowNet.layers).map { _ in
            linear(inputs: hidden, weight: .unitGain(fanIn: hidden), bias: .constant(1))
        }
        renormalizations = (0..<configuration.localSlowNet.layers).map { _ in
            Renormalization(configuration.renormalization)
        }
        context = configuration.localContext
    }

    /// The kernels for features `x` `[B, C, *S]`: `[1, C, k, ...]` for all samples together or `[B, C, k, ...]`.
    func kernels(for features: Tensor, statistics: inout BatchStatistics) -> Tensor {
        let extents = filterNetwork.extents
        var reduced = contextReduce(features.adaptiveAveragePooled(to: extents[0]))
        if context == .batchMean {
            reduced = statistics.mean(of: reduced, named: "context")
        }
        let context = contextMix(reduced).gelu()
        return filterNetwork.samples(extents: extents) { layer, hidden in
            renormalizations[layer](hidden) * contextLinears[layer](context)
        }
    }

    /// Visits the filter network's parameters, then `contextReduce`, `contextMix`, `contextLinears.<l>` and, where α
    /// and β are trained, `renormalizations.<l>.alphaBeta`.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try filterNetwork.forEachParameter(body)
        try Self.visit("contextReduce", &contextReduce, body)
        try Self.visit("contextMix", &contextMix, body)
        try Self.visit("contextLinears", &contextLinears, body)
        try Self.visit("renormalizations", &renormalizations, body)
    }
}
