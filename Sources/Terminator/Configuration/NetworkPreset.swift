import Runtime

/// The networks with a name on programs' command lines.
public enum NetworkPreset: String, Sendable, CaseIterable {
    /// ``NetworkConfiguration/authorsCIFAR(classCount:)`` for CIFAR-10.
    case authorsCIFAR10 = "authors-cifar10"
    /// ``NetworkConfiguration/authorsCIFAR(classCount:)`` for CIFAR-100.
    case authorsCIFAR100 = "authors-cifar100"
    /// ``NetworkConfiguration/authorsSTL10``.
    case authorsSTL10 = "authors-stl10"
    /// ``NetworkConfiguration/sequentialMNIST``: pixels in their order.
    case sMNIST = "smnist"
    /// ``NetworkConfiguration/sequentialMNIST``: pixels in a random order, the same for all images.
    case pMNIST = "pmnist"
    /// ``NetworkConfiguration/sequentialCIFAR10``.
    case sCIFAR10 = "scifar10"
    /// ``NetworkConfiguration/addingProblem``.
    case addingProblem = "adding-problem"
    /// ``NetworkConfiguration/copyMemory``.
    case copyMemory = "copy-memory"
    /// ``NetworkConfiguration/characters``.
    case characters
    /// ``NetworkConfiguration/causal(statistics:)`` of ``NetworkConfiguration/sequentialMNIST``.
    case causalSMNIST = "causal-smnist"
    /// ``NetworkConfiguration/causal(statistics:)`` of ``NetworkConfiguration/addingProblem``.
    case causalAddingProblem = "causal-adding-problem"
    /// ``NetworkConfiguration/causal(statistics:)`` of ``NetworkConfiguration/copyMemory``.
    case causalCopyMemory = "causal-copy-memory"
    /// ``NetworkConfiguration/digits(form:)`` for sequences.
    case digitsSequence = "digits-sequence"
    /// ``NetworkConfiguration/digits(form:)`` for images.
    case digitsImage = "digits-image"

    /// The network.
    public var configuration: NetworkConfiguration {
        switch self {
        case .authorsCIFAR10: .authorsCIFAR()
        case .authorsCIFAR100: .authorsCIFAR(classCount: 100)
        case .authorsSTL10: .authorsSTL10
        case .sMNIST, .pMNIST: .sequentialMNIST
        case .sCIFAR10: .sequentialCIFAR10
        case .addingProblem: .addingProblem
        case .copyMemory: .copyMemory
        case .characters: .characters
        case .causalSMNIST: .sequentialMNIST.causal()
        case .causalAddingProblem: .addingProblem.causal()
        case .causalCopyMemory: .copyMemory.causal()
        case .digitsSequence: .digits(form: .sequence)
        case .digitsImage: .digits(form: .image)
        }
    }
}

// MARK: - The authors'

extension NetworkConfiguration {
    /// The choices of the authors' published code: reproduces its values and gradients.
    ///
    /// Only the matrix product is theirs; for sequences, or images that are not square, set `globalInteraction` to a
    /// convolution.
    public static func authors(
        extents: [Int], inputChannels: Int, classCount: Int, blocks: [BlockConfiguration], omega: Float = 2000
    ) -> NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: extents, inputChannels: inputChannels, classCount: classCount, blocks: blocks)
        configuration.globalInteraction = .matrixProduct
        configuration.frequencies = .gamma(omega: omega)
        configuration.renormalization.isTrained = false
        configuration.localContext = .batchMean
        configuration.evaluationStatistics = .batch
        configuration.gateOrder = .beforeStandardization
        configuration.keepsCanceledBiases = true
        configuration.spatialBias = .fixed
        return configuration
    }

    /// The authors' network for CIFAR-10 (1,336,855 parameters) and, with 100 classes, CIFAR-100 (1,362,865).
    public static func authorsCIFAR(classCount: Int = 10) -> NetworkConfiguration {
        .authors(
            extents: [32, 32], inputChannels: 3, classCount: classCount,
            blocks: [
                BlockConfiguration(channels: 3, expansion: 4, globalLayers: 3),
                BlockConfiguration(channels: 12, expansion: 3, dropout: 0.05),
                BlockConfiguration(channels: 36, expansion: 2, skips: [0], dropout: 0.05),
                BlockConfiguration(channels: 72, expansion: 2, skips: [1], dropout: 0.05),
                BlockConfiguration(channels: 144, expansion: 2, skips: [2, 1], dropout: 0.05),
            ])
    }

    /// The authors' network for CIFAR-10 at the extents of STL-10, 96x96.
    ///
    /// The authors published no code for STL-10. This network has the blocks of that for CIFAR-10 and its parameters
    /// but for the spatial biases: four biases a block of 96² instead of 32² samples make it 1,500,695.
    public static var authorsSTL10: NetworkConfiguration {
        var configuration = authorsCIFAR()
        configuration.extents = [96, 96]
        return configuration
    }
}

// MARK: - Sequences of pixels

extension NetworkConfiguration {
    /// A network for the images of MNIST as sequences of 784 pixels, in their order (sMNIST) or permuted (pMNIST).
    ///
    /// 71,956 parameters.
    public static var sequentialMNIST: NetworkConfiguration {
        .pixelSequence(length: 784, inputChannels: 1, expansions: [12, 2, 2])
    }

    /// A network for the images of CIFAR-10 as sequences of 1024 pixels in three channels.
    ///
    /// 157,330 parameters.
    public static var sequentialCIFAR10: NetworkConfiguration {
        .pixelSequence(length: 1024, inputChannels: 3, expansions: [8, 2, 2])
    }

    /// Ten classes; the last block reads the first one's output too.
    private static func pixelSequence(
        length: Int, inputChannels: Int, expansions: [Int]
    ) -> NetworkConfiguration {
        var blocks: [BlockConfiguration] = []
        for expansion in expansions {
            let channels = blocks.last?.outputChannels ?? inputChannels
            let isLast = blocks.count == expansions.count - 1
            blocks.append(
                BlockConfiguration(
                    channels: channels, expansion: expansion, skips: isLast ? [0] : [],
                    dropout: blocks.isEmpty ? 0 : 0.05))
        }
        var configuration = NetworkConfiguration(
            extents: [length], inputChannels: inputChannels, classCount: 10, blocks: blocks)
        configuration.narrowSlowNets()
        return configuration
    }
}

// MARK: - Tasks without data

extension NetworkConfiguration {
    /// A network for the adding problem: sequences of 1,000 numbers with marks, to one number.
    public static var addingProblem: NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: [1000], inputChannels: 2, classCount: 1,
            blocks: [
                BlockConfiguration(channels: 2, expansion: 6),
                BlockConfiguration(channels: 12, expansion: 1),
            ])
        configuration.narrowSlowNets()
        return configuration
    }

    /// A network for the copy memory task with a delay of 1,000: a class for each of 1,020 positions.
    public static var copyMemory: NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: [1020], inputChannels: 10, classCount: 9,
            blocks: [
                BlockConfiguration(channels: 10, expansion: 2),
                BlockConfiguration(channels: 20, expansion: 1),
            ])
        configuration.standardizationGroups = 2
        configuration.globalInteraction = .convolution(.causal)
        configuration.readout = .positions
        configuration.narrowSlowNets()
        return configuration
    }
}

// MARK: - Causal forms

extension NetworkConfiguration {
    /// This configuration of a network for sequences, with the choices by which it is causal: its outputs depend on no later
    /// sample, and a ``StreamingNetwork`` computes them one by one.
    ///
    /// - Parameter statistics: ``SequenceStatistics/prefix`` or ``SequenceStatistics/frozen``.
    public func causal(statistics: SequenceStatistics = .prefix) -> NetworkConfiguration {
        require(statistics.isCausal, "expected causal statistics, got \(statistics.rawValue)")
        var causal = self
        causal.statistics = statistics
        causal.globalInteraction = .convolution(.causal)
        causal.localContext = statistics == .prefix ? .perSample : .batchMean
        if causal.evaluationStatistics == .batch { causal.evaluationStatistics = .running(momentum: 0.1) }
        if causal.spatialBias == .fixed { causal.spatialBias = .resampled }
        return causal
    }
}

// MARK: - Text

extension NetworkConfiguration {
    /// A causal network for texts of bytes, each in two halves of 16 channels: the logits of the next byte at each of 4,096
    /// positions.
    public static var characters: NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: [4096], inputChannels: 32, classCount: 256,
            blocks: [
                BlockConfiguration(channels: 32, expansion: 2),
                BlockConfiguration(channels: 64, expansion: 1),
            ])
        configuration.standardizationGroups = 2
        configuration.readout = .positions
        configuration.narrowSlowNets()
        return configuration.causal()
    }
}

// MARK: - Digits

extension NetworkConfiguration {
    /// The two forms of the 8x8 digits.
    public enum DigitsForm: String, Sendable, CaseIterable, Codable {
        /// A sequence of 64 pixels.
        case sequence
        /// An image.
        case image
    }

    /// A small network for gray 8x8 images of the ten digits.
    public static func digits(form: DigitsForm) -> NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: form == .sequence ? [64] : [8, 8], inputChannels: 1, classCount: 10,
            blocks: [
                BlockConfiguration(channels: 1, expansion: 12),
                BlockConfiguration(channels: 12, expansion: 2),
                BlockConfiguration(channels: 24, expansion: 2, skips: [0]),
            ])
        configuration.narrowSlowNets()
        return configuration
    }
}

extension NetworkConfiguration {
    /// Half the defaults' hidden channels: enough for small networks.
    private mutating func narrowSlowNets() {
        globalHidden = 32
        localSlowNet.hidden = 16
        channelSlowNet.hidden = 16
        interactionChannelSlowNet.hidden = 16
        interactionSpatialSlowNet.hidden = 16
    }
}
