import Convolution

/// How a context-dependent global hyper-kernel Ŵ acts on a feature map.
public enum GlobalInteraction: Sendable, Equatable {
    /// Depthwise convolution with a kernel as large as the map, O(n log n).
    case convolution(Alignment)
    /// The matrix product of Ŵ and the map, for each sample and channel: square images only.
    case matrixProduct

    /// The alignment of a convolution's output.
    public enum Alignment: String, Sendable {
        /// The kernel's sample floor(K/2) is its center.
        case centred
        /// Each output depends on no later sample; one spatial axis only.
        case causal

        var boundary: Boundary {
            switch self {
            case .centred: .centred
            case .causal: .causal
            }
        }
    }

    /// Where lag 0 of the kernels lies; a matrix product has none, and its kernels are made as for centred convolutions.
    var alignment: Alignment {
        switch self {
        case .convolution(let alignment): alignment
        case .matrixProduct: .centred
        }
    }
}

/// α and β of the renormalization α · stopGradient(h) + β · h / |h|.
public struct RenormalizationConfiguration: Sendable, Equatable {
    /// The share of the features without gradient.
    public var alpha: Float
    /// The share of the normalized features.
    public var beta: Float
    /// Whether both are parameters, trained and saved, that start at these values.
    public var isTrained: Bool

    /// A choice of the constants.
    public init(alpha: Float, beta: Float, isTrained: Bool) {
        self.alpha = alpha
        self.beta = beta
        self.isTrained = isTrained
    }
}

/// The context of a local slow net's kernels.
public enum LocalContext: String, Sendable, CaseIterable {
    /// The mean of the reduced features over the batch: one kernel for all samples of it, as the authors have it.
    case batchMean
    /// Each sample's own features: one kernel for each.
    case perSample
}

/// The source, in evaluation, of the statistics that training takes over the batch: means and variances of
/// standardizations, and the context of local kernels.
public enum EvaluationStatistics: Sendable, Equatable {
    /// From the batch that is evaluated.
    case batch
    /// Running averages over the batches of training; each new batch weighs `momentum`, the first ones more, so that
    /// early on all weigh the same.
    case running(momentum: Float)
}

/// The order of the channel interaction's gate and the instance standardization beside it.
public enum GateOrder: String, Sendable, CaseIterable {
    /// standardize(gate · x): the standardization cancels the gate, a factor for each sample and channel.
    case beforeStandardization
    /// gate · standardize(x), the gate measured on x.
    case afterStandardization
}

/// The part of the last block's output that the classifier reads.
public enum Readout: String, Sendable, CaseIterable {
    /// The mean over space: logits for each sample, as in the authors' code.
    case pooled
    /// Each position: logits for each.
    ///
    /// Standardizations and gates take means over the whole input, so the logits depend on later positions, with causal
    /// convolutions too.
    case positions
}

/// The treatment of a network's spatial biases at extents other than those it was made for.
public enum SpatialBias: String, Sendable, CaseIterable {
    /// They tie the network to its extents.
    case fixed
    /// They are resampled linearly over the same range of coordinates.
    case resampled
    /// There are none.
    case absent
}
