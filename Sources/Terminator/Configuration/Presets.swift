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

    /// The two forms in which the 8x8 digits are read.
    public enum DigitsForm: String, Sendable, CaseIterable, Codable {
        /// 64 pixels in a row.
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
        configuration.globalHidden = 32
        configuration.localSlowNet.hidden = 16
        configuration.channelSlowNet.hidden = 16
        configuration.interactionChannelSlowNet.hidden = 16
        configuration.interactionSpatialSlowNet.hidden = 16
        return configuration
    }
}
