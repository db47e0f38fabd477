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

/// What the means and variances that a network takes are taken over: those of standardizations, and the means that gates and
/// local kernels depend on.
///
/// The causal forms are for sequences, with causal convolutions. In them a sample's position is its number, whatever the length
/// of the sequence: a shorter input is the beginning of a longer one. Global kernels have the extent that the network was made
/// for and end with their last tap; functions of the position keep their last value behind it.
public enum SequenceStatistics: String, Sendable, CaseIterable {
    /// The whole sequence, and for some the batch too, as in the paper: an output depends on later samples.
    case whole
    /// The samples so far, for each sample of the batch and each channel: an output depends on nothing else, in training too.
    case prefix
    /// The batch and its whole sequences in training, running averages of these in evaluation: constants, as far as a sequence
    /// is concerned.
    case frozen

    /// Whether an output of evaluation depends on no later sample.
    public var isCausal: Bool { self != .whole }
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
    /// The mean over space: logits for each sample, as in the authors' code. A ``StreamingNetwork`` takes the mean over the
    /// positions so far.
    case pooled
    /// Each position: logits for each.
    ///
    /// With ``SequenceStatistics/whole``, standardizations and gates take means over the whole input, so the logits depend on
    /// later positions, with causal convolutions too.
    case positions
}

/// The treatment of a network's spatial biases at extents other than those it was made for. Where statistics are causal,
/// biases belong to positions and are not resampled.
public enum SpatialBias: String, Sendable, CaseIterable {
    /// They tie the network to its extents.
    case fixed
    /// They are resampled linearly over the same range of coordinates.
    case resampled
    /// There are none.
    case absent
}
