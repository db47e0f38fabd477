import Tensors

/// A slow net modulated by a context: makes a small kernel from coordinates and the pooled features.
///
///     context = gelu(contextMix(contextReduce(pool(x))))
///     h_l <- renormalize(h_l) ⊙ contextLinear_l(context)     after each layer of the filter network
///
/// The pooled features have the kernel's extents. Either their mean over the batch makes one kernel for all samples,
/// or each sample makes kernels of its own (``LocalContext``).
///
/// In the form ``SequenceStatistics/prefix`` the mean of the samples so far is the context of all taps. It is taken anew when
/// the number of samples is a power of two: a sequence of n samples has ⌊log₂ n⌋ + 1 kernels, and the mean changes little in
/// between.
public struct LocalSlowNet: StructuredModule {
    /// The filter network over the kernel's coordinates.
    public var filterNetwork: MultiplicativeFilterNetwork<SineFilter>
    /// Channels to hidden.
    public var contextReduce: PointwiseLayer
    /// Hidden to hidden.
    public var contextMix: PointwiseLayer
    /// The linear layers from the context to each hidden layer's factors.
    public var contextLinears: [PointwiseLayer]
    /// The renormalizations, one for each layer.
    var renormalizations: [RenormalizationLayer]
    let context: LocalContext
    /// The extents of the features for which the kernels have the extents of the filter network.
    private let featureExtents: [Int]

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
            RenormalizationLayer(configuration.renormalization)
        }
        context = configuration.localContext
        featureExtents = configuration.extents
    }

    /// The kernels for features `x` `[B, C, *S]`: `[1, C, k, ...]` for all samples together, `[B, C, k, ...]`, or in the form
    /// ``SequenceStatistics/prefix`` as many channels for each of ``ForwardPass/segments(of:)``, one after the other.
    ///
    /// Features that are sampled more densely than those the net was made for have kernels of as many more samples,
    /// over the same part of the input, and smaller in that ratio: what they sum up is the same integral.
    func kernels(for features: Tensor, in pass: inout ForwardPass) -> Tensor {
        let extents = filterNetwork.extents
        func reduce(_ features: Tensor, lengths: [Int]?) -> Tensor {
            contextReduce(features.adaptiveAveragePooled(to: extents[0], lengths: lengths))
        }
        if pass.form == .prefix {
            return pass.kernelsOfSegments(of: features, named: Self.contextName) {
                kernels(reduced: contextReduce($0), extents: extents)
            }
        }
        let reduced =
            switch context {
            case .batchMean: pass.ofMean(of: features, named: Self.contextName, reduce)
            case .perSample: reduce(features, lengths: pass.lengths)
            }
        let sampled =
            pass.form == .frozen ? extents : sampledExtents(for: Array(features.shape.dropFirst(2)))
        return pass.constant(named: "kernels") { kernels(reduced: reduced, extents: sampled) }
    }

    /// The kernels on a grid of the extents `sampled` for reduced features `[B, h, *k]`, k the kernels' extents or 1.
    private func kernels(reduced: Tensor, extents sampled: [Int]) -> Tensor {
        let extents = filterNetwork.extents
        let context = contextMix(reduced).gelu().resampled(to: sampled)
        let samples = extents.reduce(1, *)
        let kernels = filterNetwork.samples(extents: sampled) { layer, hidden in
            renormalizations[layer](hidden, sampleCount: samples) * contextLinears[layer](context)
        }
        guard sampled != extents else { return kernels }
        return kernels * (Float(samples) / Float(sampled.reduce(1, *)))
    }

    private static let contextName = "context"

    /// Names the statistics of ``kernels(for:in:)``, with their shapes.
    func declareStatistics(_ shapes: inout StatisticsShapes, form: SequenceStatistics) {
        guard context == .batchMean, form != .prefix else { return }
        shapes.add(
            named: Self.contextName, shape: [1, contextReduce.weight.shape[0]] + filterNetwork.extents)
    }

    /// The odd extents of kernels that reach as far, on a grid of the given extents, as the filter network's on the
    /// grid that the net was made for; at least 3, below which a kernel would see no neighbors.
    func sampledExtents(for featureExtents: [Int]) -> [Int] {
        zip(filterNetwork.extents, zip(featureExtents, self.featureExtents)).map { size, extents in
            let (now, then) = extents
            guard now != then, now > 1, then > 1 else { return size }
            let ratio = Double(now - 1) / Double(then - 1)
            return max(min(size, 3), 1 + 2 * Int((Double(size - 1) / 2 * ratio).rounded()))
        }
    }

    /// Visits the filter network's parameters, then `contextReduce`, `contextMix`, `contextLinears.<l>` and, where α
    /// and β are trained, `renormalizations.<l>.alphaBeta`.
    public mutating func forEachParameterPath(
        _ body: (LocalSlowNetPath, inout Tensor) throws -> Void
    ) rethrows {
        try filterNetwork.forEachParameterPath { try body(.filterNetwork($0), &$1) }
        try contextReduce.forEachParameterPath { try body(.contextReduce($0), &$1) }
        try contextMix.forEachParameterPath { try body(.contextMix($0), &$1) }
        for index in contextLinears.indices {
            try contextLinears[index].forEachParameterPath { try body(.contextLinears(index, $0), &$1) }
        }
        for index in renormalizations.indices {
            try Self.visit(.renormalizations(index), &renormalizations[index].trained, body)
        }
    }
}

/// The parameters of a ``LocalSlowNet``.
public enum LocalSlowNetPath: ParameterPath {
    /// A parameter of the filter network; its names stand beside the others'.
    case filterNetwork(SlowNetPath)
    /// A parameter of the layer from channels to hidden.
    case contextReduce(LayerPath)
    /// A parameter of the layer from hidden to hidden.
    case contextMix(LayerPath)
    /// A parameter of the layer that brings the context into a layer of the filter network.
    case contextLinears(Int, LayerPath)
    /// α and β of a layer's renormalization.
    case renormalizations(Int)

    /// The properties' names and the indices, joined by dots.
    public var name: String {
        switch self {
        case .filterNetwork(let path): path.name
        case .contextReduce(let path): "contextReduce.\(path.name)"
        case .contextMix(let path): "contextMix.\(path.name)"
        case .contextLinears(let index, let path): "contextLinears.\(index).\(path.name)"
        case .renormalizations(let index): "renormalizations.\(index).alphaBeta"
        }
    }

    /// Whether it is the matrix of a layer, or the frequencies of a filter.
    public var isWeight: Bool {
        switch self {
        case .filterNetwork(let path): path.isWeight
        case .contextReduce(let path), .contextMix(let path), .contextLinears(_, let path): path.isWeight
        case .renormalizations: false
        }
    }
}
