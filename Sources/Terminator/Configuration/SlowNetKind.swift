import Tensors

/// The kinds of function that can make the global hyper-kernels.
public enum SlowNetKind: String, Sendable, CaseIterable {
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
    /// ``DiagonalStateSpace`` (S4D): damped oscillations, held constant over each sample. One axis only.
    case diagonalStateSpace
    /// ``HyenaFilter``: a perceptron with sines over positions, under an ``ExponentialWindow``. One axis only.
    case hyena
    /// ``MultiscaleKernel`` (SGConv): sub-kernels stretched by powers of 2. One axis only.
    case multiscale
    /// ``ExplicitKernel`` (LongConv): free taps, smoothed and squashed.
    case explicit

    /// Whether frequencies can be drawn as the authors draw them.
    var takesGammaFrequencies: Bool { self != .siren && self != .fourierFeatures && self != .hyena }

    /// Whether there are kernels of this kind in two dimensions.
    public var takesPlanes: Bool {
        switch self {
        case .diagonalStateSpace, .hyena, .multiscale: false
        case .magnet, .fourierFilters, .gaborFilters, .siren, .fourierFeatures, .perceptron, .hashGrid,
            .explicit:
            true
        }
    }

    /// A slow net of this kind for kernels `[outputs, *extents]`.
    ///
    /// - Parameters:
    ///   - extents: the extents of the kernel: one axis where the kind does not ``takesPlanes``.
    ///   - outputs: the number of its channels.
    ///   - size: the width and the number of the hidden layers. The width is the number of modes of a
    ///     ``diagonalStateSpace`` and of samples of a ``multiscale`` sub-kernel.
    ///   - frequencies: how frequencies are drawn, for kinds that have them; ``siren``, ``fourierFeatures`` and ``hyena``
    ///     take ``FrequencyDistribution/belowNyquist(fraction:)`` alone.
    ///   - hasSpatialBias: whether a ``magnet`` has one; the other kinds have none.
    ///   - alignment: where lag 0 lies, for windows and the kinds that begin there.
    ///   - options: the window and the options of single kinds.
    ///   - randomNumbers: the generator that draws the parameters.
    public func slowNet(
        extents: [Int], outputs: Int, size: SlowNetSize,
        frequencies: FrequencyDistribution = .belowNyquist(fraction: 1), hasSpatialBias: Bool = true,
        alignment: GlobalInteraction.Alignment = .centred,
        options: GlobalKernelOptions = GlobalKernelOptions(), using randomNumbers: inout RandomNumbers
    ) -> any SlowNet {
        let net = slowNetWithoutWindow(
            extents: extents, outputs: outputs, size: size, frequencies: frequencies,
            hasSpatialBias: hasSpatialBias, alignment: alignment, options: options, using: &randomNumbers)
        switch options.window.resolved(for: self) {
        case .published, .none: return net
        case .exponential(let decay):
            return net.windowed(by: ExponentialWindow(channels: outputs, decay), alignment: alignment)
        case .gaussian(let width):
            return net.windowed(
                by: GaussianWindow(channels: outputs, axes: extents.count, width: width), alignment: alignment
            )
        }
    }

    private func slowNetWithoutWindow(
        extents: [Int], outputs: Int, size: SlowNetSize, frequencies: FrequencyDistribution,
        hasSpatialBias: Bool, alignment: GlobalInteraction.Alignment, options: GlobalKernelOptions,
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
        case .diagonalStateSpace:
            DiagonalStateSpace(
                extents: extents, outputs: outputs, modes: size.hidden, alignment: alignment,
                using: &randomNumbers)
        case .hyena:
            HyenaFilter(
                extents: extents, outputs: outputs, size: size, fraction: frequencies.fractionOfNyquist,
                using: &randomNumbers)
        case .multiscale:
            MultiscaleKernel(
                extents: extents, outputs: outputs, size: size.hidden, alignment: alignment,
                using: &randomNumbers)
        case .explicit:
            ExplicitKernel(
                extents: extents, outputs: outputs, smoothing: options.smoothing,
                threshold: options.threshold, using: &randomNumbers)
        }
    }
}

extension SlowNet {
    fileprivate func windowed(
        by window: some KernelWindowFunction, alignment: GlobalInteraction.Alignment
    ) -> any SlowNet {
        WindowedSlowNet(self, window: window, alignment: alignment)
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
            frequencies: frequencies, hasSpatialBias: spatialBias != .absent,
            alignment: globalInteraction.alignment, options: globalKernel, using: &randomNumbers)
    }

    /// The window of the global kernels, never ``KernelWindow/published``.
    var resolvedWindow: KernelWindow { globalKernel.window.resolved(for: globalSlowNet) }
}
