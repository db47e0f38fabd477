import Tensors

/// The size of a slow net: the width of its hidden layers and their number.
public struct SlowNetSize: Sendable, Equatable, Codable {
    /// The number of hidden channels, at least 1.
    public var hidden: Int
    /// The number of linear layers between the filters, at least 1; there is one filter more.
    public var layers: Int

    /// A size from its two numbers.
    public init(hidden: Int, layers: Int) {
        self.hidden = hidden
        self.layers = layers
    }
}

/// A slow net without context: makes a hyper-kernel from nothing but the coordinates of its samples.
///
/// A multiplicative filter network (Fathony et al., ICLR 2021; MAGNet of arXiv 2110.08059) over a grid:
///
///     h₀ = g₀,   h_l = g_l ⊙ (linear_l h_{l-1}) + spatialBias,   kernel = output h_L
///
/// with sine filters g_l. "Slow" is meant as in slow weights: it learns what is the same for all inputs.
public struct MultiplicativeFilterNetwork: Module {
    /// The sine filters g₀ ... g_L.
    public var filters: [SineFilter]
    /// The linear layers 1 ... L, hidden to hidden.
    public var linears: [PointwiseLayer]
    /// The last layer, hidden to the kernel's channels.
    public var output: PointwiseLayer
    /// `[*S]`, the same for all hidden channels; `nil` where the configuration leaves it out.
    public var spatialBias: Tensor?
    /// The extents of the kernel the network was made for.
    public let extents: [Int]

    /// A slow net for kernels `[outputs, *extents]`.
    ///
    /// The output weights hold the factor 1/√(number of samples) that keeps a long convolution with the kernel at
    /// the scale of its input.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, frequencies: FrequencyDistribution,
        hasSpatialBias: Bool = true, using randomNumbers: inout RandomNumbers
    ) {
        let (hidden, layers) = (size.hidden, size.layers)
        self.extents = extents
        filters = (0...layers).map {
            SineFilter(
                hidden: hidden, extents: extents, index: $0, filterCount: layers + 1,
                frequencies: frequencies, using: &randomNumbers)
        }
        linears = (0..<layers).map { _ in
            PointwiseLayer(
                inputs: hidden, outputs: hidden, weight: .unitGain(fanIn: hidden), bias: .constant(1),
                using: &randomNumbers)
        }
        let samples = extents.reduce(1, *)
        output = PointwiseLayer(
            inputs: hidden, outputs: outputs, weight: .unitGain(fanIn: hidden * samples), bias: .constant(0),
            using: &randomNumbers)
        spatialBias = hasSpatialBias ? Tensor(shape: extents, repeating: 0) : nil
    }

    /// The hyper-kernel `[O, *S]`, at the extents the network was made for or, over the same range of coordinates,
    /// at others.
    ///
    /// - Complexity: |S| · h · (h · L + O) multiplications.
    public func kernel(extents: [Int]? = nil) -> Tensor {
        let kernel = samples(extents: extents ?? self.extents)
        return kernel.reshaped(to: Array(kernel.shape.dropFirst()))
    }

    /// The hyper-kernels `[B, O, *S]` where `modulate`, called with each layer's index and its hidden features
    /// `[1 or B, h, *S]`, lets a context act on them.
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
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try Self.visit("filters", &filters, body)
        try Self.visit("linears", &linears, body)
        try Self.visit("output", &output, body)
        try Self.visit("spatialBias", &spatialBias, body)
    }
}
