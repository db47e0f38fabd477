import Tensors

/// The kinds of function that can make the global hyper-kernels. In a file each is its name.
public enum SlowNetKind: String, Sendable, Codable, CaseIterable {
    /// The authors': a ``MultiplicativeFilterNetwork`` of sine filters with phases of 0 and a spatial bias.
    case magnet
    /// A ``MultiplicativeFilterNetwork`` of sine filters with random phases.
    case fourierFilters
    /// A ``MultiplicativeFilterNetwork`` of ``GaborFilter``s.
    case gaborFilters
    /// ``SIREN``: sines of sines.
    case siren
    /// ``FourierFeatureNetwork``: a multilayer perceptron of sines and cosines that are not trained.
    case fourierFeatures
    /// ``CoordinatePerceptron``: a multilayer perceptron of the coordinates themselves.
    case perceptron
    /// ``HashGridNetwork``: a small perceptron of features that are looked up in tables of several resolutions.
    case hashGrid

    /// Whether frequencies can be drawn as the authors draw them.
    var takesGammaFrequencies: Bool { self != .siren && self != .fourierFeatures }

    /// A slow net of this kind for kernels `[outputs, *extents]`.
    ///
    /// - Parameters:
    ///   - extents: the extents of the kernel.
    ///   - outputs: the number of its channels.
    ///   - size: the width and the number of the hidden layers.
    ///   - frequencies: how frequencies are drawn, for kinds that have them; ``siren`` and ``fourierFeatures`` take
    ///     ``FrequencyDistribution/belowNyquist(fraction:)`` alone.
    ///   - hasSpatialBias: whether a ``magnet`` has one; the other kinds have none.
    ///   - randomNumbers: where the parameters are drawn from.
    public func slowNet(
        extents: [Int], outputs: Int, size: SlowNetSize,
        frequencies: FrequencyDistribution = .belowNyquist(fraction: 1), hasSpatialBias: Bool = true,
        using randomNumbers: inout RandomNumbers
    ) -> any SlowNet {
        switch self {
        case .magnet:
            MultiplicativeFilterNetwork(
                extents: extents, outputs: outputs, size: size, frequencies: frequencies,
                hasSpatialBias: hasSpatialBias, using: &randomNumbers)
        case .fourierFilters:
            MultiplicativeFilterNetwork.withFourierFilters(
                extents: extents, outputs: outputs, size: size, frequencies: frequencies,
                using: &randomNumbers)
        case .gaborFilters:
            MultiplicativeFilterNetwork.withGaborFilters(
                extents: extents, outputs: outputs, size: size, frequencies: frequencies,
                using: &randomNumbers)
        case .siren:
            SIREN(
                extents: extents, outputs: outputs, size: size, fraction: frequencies.fractionOfNyquist,
                using: &randomNumbers)
        case .fourierFeatures:
            FourierFeatureNetwork(
                extents: extents, outputs: outputs, size: size, fraction: frequencies.fractionOfNyquist,
                using: &randomNumbers)
        case .perceptron:
            CoordinatePerceptron(extents: extents, outputs: outputs, size: size, using: &randomNumbers)
        case .hashGrid:
            HashGridNetwork(extents: extents, outputs: outputs, size: size, using: &randomNumbers)
        }
    }
}

extension FrequencyDistribution {
    /// The highest frequency as a share of the grid's.
    fileprivate var fractionOfNyquist: Float {
        guard case .belowNyquist(let fraction) = self else {
            fatalError("expected frequencies below Nyquist's, got \(self)")
        }
        return fraction
    }
}

extension NetworkConfiguration {
    /// The slow net of a block's global hyper-kernel `[outputs, *extents]`.
    func globalSlowNet(
        outputs: Int, layers: Int, using randomNumbers: inout RandomNumbers
    ) -> any SlowNet {
        globalSlowNet.slowNet(
            extents: extents, outputs: outputs, size: SlowNetSize(hidden: globalHidden, layers: layers),
            frequencies: frequencies, hasSpatialBias: spatialBias != .absent, using: &randomNumbers)
    }
}
