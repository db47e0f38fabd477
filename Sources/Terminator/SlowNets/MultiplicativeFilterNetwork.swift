import Tensors

/// A multiplicative filter network: a hyper-kernel as a linear function of products of filters of the coordinates.
///
///     h₀ = g₀,   h_l = g_l ⊙ (linear_l h_{l-1}) + spatialBias,   kernel = output h_L
///
/// With sine filters of phase 0 and a spatial bias it is the MAGNet of the authors' code; with sine filters of random
/// phases or Gabor filters it is the network of the source.
///
/// Source: R. Fathony et al., *Multiplicative Filter Networks*, ICLR 2021, equations 5, 8 and 10; MAGNet: D. Romero
/// et al., arXiv 2110.08059, section 3.2.
public struct MultiplicativeFilterNetwork<Filter: CoordinateFilter>: SlowNet {
    /// The filters g₀ ... g_L.
    public var filters: [Filter]
    /// The linear layers 1 ... L, hidden to hidden.
    public var linears: [PointwiseLayer]
    /// The last layer, hidden to the kernel's channels.
    public var output: PointwiseLayer
    /// `[*S]`, the same for all hidden channels; `nil` where the network has none.
    public var spatialBias: Tensor?
    /// The extents of the kernel the network was made for.
    public let extents: [Int]

    /// Draws the filters first, then the linear layers, then the output.
    ///
    /// The output weights hold the factor 1/√(number of samples) that keeps a long convolution with the kernel at
    /// the scale of its input.
    init(
        extents: [Int], outputs: Int, size: SlowNetSize, linearWeight: Initialization,
        linearBias: Initialization,
        hasSpatialBias: Bool, using randomNumbers: inout RandomNumbers,
        filter: (_ index: Int, _ count: Int, inout RandomNumbers) -> Filter
    ) {
        let (hidden, layers) = (size.hidden, size.layers)
        self.extents = extents
        filters = (0...layers).map { filter($0, layers + 1, &randomNumbers) }
        linears = (0..<layers).map { _ in
            PointwiseLayer(
                inputs: hidden, outputs: hidden, weight: linearWeight, bias: linearBias,
                using: &randomNumbers)
        }
        output = .kernelOutput(hidden: hidden, outputs: outputs, extents: extents, using: &randomNumbers)
        spatialBias = hasSpatialBias ? Tensor(shape: extents, repeating: 0) : nil
    }

    /// The hyper-kernel `[O, *S]`; a spatial bias is resampled linearly to other extents.
    ///
    /// - Complexity: |S| · h · (h · L + O) multiplications.
    public func kernel(extents: [Int]) -> Tensor {
        let kernel = samples(extents: extents)
        return kernel.reshaped(to: Array(kernel.shape.dropFirst()))
    }

    /// The hyper-kernels `[B, O, *S]` of the network whose hidden features `[1 or B, h, *S]` of each layer `modulate`
    /// maps.
    func samples(
        extents: [Int], modulatedBy modulate: (_ layer: Int, _ hidden: Tensor) -> Tensor = { $1 }
    ) -> Tensor {
        let grid = CoordinateGrid(extents: extents)
        let spatialBias = spatialBias?.resampled(to: extents)
        var hidden = filters[0](grid)
        for (layer, linear) in linears.enumerated() {
            hidden = filters[layer + 1](grid) * linear(hidden)
            if let spatialBias { hidden = hidden + spatialBias }
            hidden = modulate(layer, hidden)
        }
        return output(hidden)
    }

    /// Visits `filters.<l>`, `linears.<l>`, `output` and `spatialBias`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        for index in filters.indices {
            try filters[index].forEachParameterPath { try body(.filters(index, $0), &$1) }
        }
        for index in linears.indices {
            try linears[index].forEachParameterPath { try body(.linears(index, $0), &$1) }
        }
        try output.forEachParameterPath { try body(.output($0), &$1) }
        try Self.visit(.spatialBias, &spatialBias, body)
    }
}

extension MultiplicativeFilterNetwork<SineFilter> {
    /// The authors' slow net (MAGNet) for kernels `[outputs, *extents]`: phases of 0, biases of 1, a spatial bias.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, frequencies: FrequencyDistribution,
        hasSpatialBias: Bool = true, using randomNumbers: inout RandomNumbers
    ) {
        self.init(
            extents: extents, outputs: outputs, size: size, linearWeight: .unitGain(fanIn: size.hidden),
            linearBias: .constant(1),
            hasSpatialBias: hasSpatialBias, using: &randomNumbers
        ) { index, count, randomNumbers in
            SineFilter(
                hidden: size.hidden, extents: extents, index: index, filterCount: count,
                frequencies: frequencies, using: &randomNumbers)
        }
    }

    /// The network with Fourier filters of Fathony et al. for kernels `[outputs, *extents]`: phases uniform in
    /// -π..<π, no spatial bias.
    ///
    /// Two things differ from the published code. Frequencies follow `frequencies`, where the published range of
    /// ±256/√(D (L + 1)) suits images of 512x512. Linear layers have the gain √2, because multiplying by a sine halves
    /// the power; with the published gain the kernel fades with the depth.
    public static func withFourierFilters(
        extents: [Int], outputs: Int, size: SlowNetSize, frequencies: FrequencyDistribution,
        using randomNumbers: inout RandomNumbers
    ) -> Self {
        Self(
            extents: extents, outputs: outputs, size: size, linearWeight: .sineGain(fanIn: size.hidden),
            linearBias: .lowGain(fanIn: size.hidden),
            hasSpatialBias: false, using: &randomNumbers
        ) { index, count, randomNumbers in
            SineFilter(
                hidden: size.hidden, extents: extents, index: index, filterCount: count,
                frequencies: frequencies, phases: .uniform(bound: .pi), using: &randomNumbers)
        }
    }
}

extension MultiplicativeFilterNetwork<GaborFilter> {
    /// The network with Gabor filters of Fathony et al. for kernels `[outputs, *extents]`.
    ///
    /// Differs from the published code as the network with Fourier filters does. Besides, frequencies are not
    /// multiplied by the root of the envelope's precision, which would exceed the grid's Nyquist frequency. At
    /// initialization the kernels are weaker than those of sines, because the envelopes are local.
    public static func withGaborFilters(
        extents: [Int], outputs: Int, size: SlowNetSize, frequencies: FrequencyDistribution,
        using randomNumbers: inout RandomNumbers
    ) -> Self {
        Self(
            extents: extents, outputs: outputs, size: size, linearWeight: .sineGain(fanIn: size.hidden),
            linearBias: .lowGain(fanIn: size.hidden),
            hasSpatialBias: false, using: &randomNumbers
        ) { index, count, randomNumbers in
            GaborFilter(
                hidden: size.hidden, extents: extents, index: index, filterCount: count,
                frequencies: frequencies, using: &randomNumbers)
        }
    }
}
