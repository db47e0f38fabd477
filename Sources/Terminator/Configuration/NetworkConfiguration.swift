/// The hyperparameters of a network: everything that determines it but its parameters.
///
/// The defaults are this package's choices; ``authors(extents:inputChannels:classCount:blocks:omega:)`` has those of
/// the code published with the paper (HyperZ·Z·W, arXiv 2401.17948). Where the two differ, the property says why.
public struct NetworkConfiguration: Sendable, Equatable {
    // MARK: Sizes

    /// The spatial extents of the input: `[L]` for sequences, `[H, W]` for images (axis 0 = rows).
    public var extents: [Int]
    /// The channels of the input, at least 1.
    public var inputChannels: Int
    /// The number of logits, at least 1; 1 for regression.
    public var classCount: Int
    /// The blocks, first to last; at least one.
    public var blocks: [BlockConfiguration]
    /// The hidden channels of the slow nets that make the global hyper-kernels; their layers are each block's own.
    public var globalHidden = 64
    /// The size of the slow nets that make the local kernels.
    public var localSlowNet = SlowNetSize(hidden: 32, layers: 2)
    /// The extents of the kernels of the four local branches: odd.
    public var localKernelSizes = [3, 9, 5, 7]
    /// The size of the slow net of the channel interaction.
    public var channelSlowNet = SlowNetSize(hidden: 32, layers: 2)
    /// The size of the slow net over the channels in the hyper interaction.
    public var interactionChannelSlowNet = SlowNetSize(hidden: 16, layers: 2)
    /// The size of the slow net over space in the hyper interaction.
    public var interactionSpatialSlowNet = SlowNetSize(hidden: 64, layers: 2)
    /// The number of equal groups of channels in G-IBS; divides every block's output channels.
    public var standardizationGroups = 12

    // MARK: Choices

    /// How the global hyper-kernel acts on the feature maps.
    ///
    /// The paper's abstract says convolution; the authors' code multiplies matrices, for square images only.
    public var globalInteraction = GlobalInteraction.convolution(.centred)
    /// The kind of slow net that makes the global hyper-kernels.
    ///
    /// The slow nets of the local branches and of the gates are multiplicative filter networks always.
    public var globalSlowNet = SlowNetKind.magnet
    /// The window of the global hyper-kernels, the options of single kinds of slow net, and rates of their own.
    public var globalKernel = GlobalKernelOptions()
    /// The distribution of the slow nets' frequencies at initialization.
    ///
    /// The authors' frequencies exceed what the grids can represent by orders of magnitude.
    public var frequencies = FrequencyDistribution.belowNyquist(fraction: 1)
    /// α and β of the renormalization in the local slow nets.
    ///
    /// In the authors' code they are declared as parameters but neither trained nor saved.
    public var renormalization = RenormalizationConfiguration(alpha: 1, beta: 0.1, isTrained: true)
    /// The context of the local kernels.
    public var localContext = LocalContext.batchMean
    /// The source of batch statistics in evaluation.
    ///
    /// In the authors' code the prediction for an input depends on what else is in its batch.
    public var evaluationStatistics = EvaluationStatistics.running(momentum: 0.1)
    /// What means and variances are taken over.
    ///
    /// The paper's look at the whole sequence and at the batch; with the others a network is causal, and a
    /// ``StreamingNetwork`` reads sequences sample by sample.
    public var statistics = SequenceStatistics.whole
    /// The order of the channel interaction's gate and the standardization.
    ///
    /// In the authors' code an instance standardization follows directly and cancels it.
    public var gateOrder = GateOrder.afterStandardization
    /// Whether layers keep biases that the standardization after them cancels.
    ///
    /// Their gradient is zero up to rounding, so sign descent moves them at random.
    public var keepsCanceledBiases = false
    /// The treatment of spatial biases at other extents.
    ///
    /// In the authors' code they tie a network to one size of input.
    public var spatialBias = SpatialBias.resampled
    /// What a training keeps of its forward pass: all maps, or each block's input.
    ///
    /// Values and gradients do not depend on it.
    public var checkpointing = Checkpointing.none
    /// The classifier's input: logits for each sample, or for each of its positions.
    public var readout = Readout.pooled

    /// A configuration of the given sizes, with defaults for everything else.
    public init(extents: [Int], inputChannels: Int, classCount: Int, blocks: [BlockConfiguration]) {
        self.extents = extents
        self.inputChannels = inputChannels
        self.classCount = classCount
        self.blocks = blocks
    }
}

/// The size of one block, its skip connections and its dropout.
public struct BlockConfiguration: Sendable, Equatable {
    /// The channels of the block's input: the network's for the first, otherwise the outputs of the block before.
    public var channels: Int
    /// The block's output channels are `channels * expansion`.
    public var expansion: Int
    /// The layers of the slow net that makes the block's global hyper-kernel.
    public var globalLayers: Int
    /// The earlier blocks whose outputs the block reads too: at most two, each with a number of channels that
    /// divides `channels`.
    public var skips: [Int]
    /// The probability with which each of the block's output channels is dropped in training, in 0 ..< 1.
    public var dropout: Float

    /// The number of channels of the block's output.
    public var outputChannels: Int { channels * expansion }

    /// A block from its sizes.
    public init(channels: Int, expansion: Int, globalLayers: Int = 2, skips: [Int] = [], dropout: Float = 0) {
        self.channels = channels
        self.expansion = expansion
        self.globalLayers = globalLayers
        self.skips = skips
        self.dropout = dropout
    }
}
