import Tensors

/// The local Z·W interaction: gelu(standardize(mixer(correlate(x, kernel)))) + offset, standardized over the batch.
public struct LocalBranch: StructuredModule {
    /// The linear layer `[C, C]` over the channels.
    public var mixer: PointwiseLayer
    /// A scalar `[1]` that is added to all channels; `nil` where left out, because the standardization after the
    /// bottleneck cancels it.
    public var offset: Tensor?

    init(channels: Int, configuration: NetworkConfiguration, using randomNumbers: inout RandomNumbers) {
        mixer = PointwiseLayer(
            inputs: channels, outputs: channels, weight: .rectifierGain(fanIn: channels),
            bias: configuration.keepsCanceledBiases ? .constant(0) : nil, using: &randomNumbers)
        offset = configuration.keepsCanceledBiases ? Tensor(shape: [1], repeating: 0) : nil
    }

    /// Applies `kernels` `[1, C, k, ...]` (for all samples) or `[B, C, k, ...]` to features `[B, C, *S]`.
    ///
    /// - Complexity: B · C · |S| · (kᴰ + C) multiplications.
    func callAsFunction(_ features: Tensor, kernels: Tensor, statistics: inout BatchStatistics) -> Tensor {
        let mixed = mixer(correlated(features, with: kernels))
        return statistics.standardizedGELU(mixed, over: .batch, offset: offset, named: Self.mixedName)
    }

    private static let mixedName = "mixed"

    /// Names the statistics of a pass, with their shapes.
    func declareStatistics(_ shapes: inout StatisticsShapes, axes: Int) {
        shapes.addMoments(named: Self.mixedName, channels: mixer.weight.shape[0], axes: axes)
    }

    private func correlated(_ features: Tensor, with kernels: Tensor) -> Tensor {
        guard kernels.shape[0] > 1 else {
            return features.depthwiseCorrelation(
                kernel: kernels.reshaped(to: Array(kernels.shape.dropFirst())))
        }
        // Each sample's channels have kernels of their own: as one sample of B · C channels.
        let channels = features.shape[0] * features.shape[1]
        let merged = features.reshaped(to: [1, channels] + features.shape.dropFirst(2))
        let kernel = kernels.reshaped(to: [channels] + kernels.shape.dropFirst(2))
        return merged.depthwiseCorrelation(kernel: kernel).reshaped(to: features.shape)
    }

    /// Visits `mixer` and `offset`.
    public mutating func forEachParameterPath(
        _ body: (LocalBranchPath, inout Tensor) throws -> Void
    ) rethrows {
        try mixer.forEachParameterPath { try body(.mixer($0), &$1) }
        try Self.visit(.offset, &offset, body)
    }
}

/// The parameters of a ``LocalBranch``.
public enum LocalBranchPath: ParameterPath {
    /// A parameter of the channel mixer.
    case mixer(LayerPath)
    /// The scalar added to all channels.
    case offset

    /// The properties' names, joined by dots.
    public var name: String {
        switch self {
        case .mixer(let path): "mixer.\(path.name)"
        case .offset: "offset"
        }
    }

    /// Whether it is the matrix of a layer.
    public var isWeight: Bool { self == .mixer(.weight) }
}
