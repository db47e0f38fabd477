import Tensors

/// The local Z·W interaction: gelu(standardize(mixer(correlate(x, kernel)))) + offset, standardized over the batch.
///
/// In causal forms the last tap of a kernel meets the sample itself, the others those before it.
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
    func callAsFunction(_ features: Tensor, kernels: Tensor, in pass: inout ForwardPass) -> Tensor {
        let correlated =
            pass.form.isCausal
            ? causallyCorrelated(features, with: kernels, in: &pass) : correlated(features, with: kernels)
        return pass.standardizedGELU(mixer(correlated), over: .batch, offset: offset, named: Self.mixedName)
    }

    private static let mixedName = "mixed"

    /// Names the statistics of a pass, with their shapes.
    func declareStatistics(_ shapes: inout StatisticsShapes, form: SequenceStatistics, axes: Int) {
        guard form != .prefix else { return }
        shapes.addMoments(named: Self.mixedName, channels: mixer.weight.shape[0], axes: axes)
    }

    /// y[t] = Σ over p of kernel[p] x[t + p - (k - 1)], with one kernel for all, or one for each segment and sample.
    private func causallyCorrelated(
        _ features: Tensor, with kernels: Tensor, in pass: inout ForwardPass
    ) -> Tensor {
        let (channels, size) = (features.shape[1], kernels.shape[2])
        let preceded = pass.preceded(features, by: size - 1, named: "recent")
        let isShared = kernels.isForAllSamples && kernels.shape[1] == channels
        let segments = isShared ? [0..<features.shape[2]] : pass.segments(of: features)
        let samples = preceded.slices(
            alongAxis: 2, segments.map { $0.lowerBound..<$0.upperBound + size - 1 })
        let own =
            isShared
            ? [kernels]
            : kernels.slices(
                alongAxis: 1, segments.indices.map { $0 * channels..<($0 + 1) * channels })
        let parts = segments.indices.map { index in
            // Those whose kernels lie within the samples.
            correlated(samples[index], with: own[index])
                .slice(alongAxis: 2, size / 2..<size / 2 + segments[index].count)
        }
        return parts.count == 1 ? parts[0] : .concatenated(parts, alongAxis: 2)
    }

    private func correlated(_ features: Tensor, with kernels: Tensor) -> Tensor {
        guard !kernels.isForAllSamples else {
            return features.depthwiseCorrelation(
                kernel: kernels.reshaped(to: Array(kernels.shape.dropFirst())))
        }
        // Each sample's channels have kernels of their own: as one sample of B · C channels.
        let channels = features.shape[0] * features.shape[1]
        let kernel = kernels.asOneSample().reshaped(to: [channels] + kernels.shape.dropFirst(2))
        return features.asOneSample().depthwiseCorrelation(kernel: kernel).asSamples(of: features)
    }

    /// Visits `mixer` and `offset`.
    public mutating func forEachParameterPath(
        _ body: (LocalBranchPath, inout Tensor) throws -> Void
    ) rethrows {
        try mixer.forEachParameterPath { try body(.mixer($0), &$1) }
        try Self.visit(.offset, &offset, body)
    }
}

extension Tensor {
    /// Whether kernels have the extent 1 along the batch's axis, and are not those of the only sample that this process has.
    fileprivate var isForAllSamples: Bool { shape[0] == 1 && partition == nil }
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
