import Runtime
import Tensors

/// A sinusoidal representation network: sines of sums of sines.
///
///     h₀ = sin(ω ⊙ W₀ x + b₀),   h_l = sin(ω₀ W_l h_{l-1} + b_l),   kernel = output h_L
///
/// Source: V. Sitzmann et al., *Implicit Neural Representations with Periodic Activation Functions*, arXiv 2006.09661,
/// sections 3.1 and 3.2; for kernels: D. Romero et al., *CKConv*, arXiv 2102.02611.
///
/// The weights start as in the source: W₀ uniform in ±1 (its ±1/D, the factor being in ω), W_l uniform in ±√(6/h)/ω₀,
/// which makes each sum of sines of unit variance. Its ω = ω₀ = 30 suits images of a few hundred pixels and would
/// exceed what a short kernel's grid can hold; here ω is chosen by the grid. Phases are uniform, as its ω₀ b₀ are
/// modulo 2π. The output has the gain of all slow nets.
public struct SIREN: SlowNet {
    /// `[h, D]` and `[h]`: the frequencies as parts of the highest, and the phases.
    public var first: PointwiseLayer
    /// Hidden to hidden, to be multiplied by ``hiddenFactor``.
    public var linears: [PointwiseLayer]
    /// The last layer, hidden to the kernel's channels.
    public var output: PointwiseLayer
    /// The extents of the kernel the network was made for.
    public let extents: [Int]
    /// ω: the highest frequency at the start along each axis, in radians per unit of the coordinate.
    public let highestFrequencies: [Float]
    /// ω₀ of the hidden layers. It has no influence on what the network starts as, and makes a change of the weights
    /// count that much more.
    public let hiddenFactor: Float

    /// A network for kernels `[outputs, *extents]`.
    ///
    /// - Parameters:
    ///   - extents: the extents of the kernel.
    ///   - outputs: the number of its channels.
    ///   - size: the width and the number of the hidden layers.
    ///   - fraction: the first layer's highest frequency, as a share of the (L + 1)th part of the grid's Nyquist
    ///     frequency: each of the L sines after it widens the spectrum by about as much again.
    ///   - hiddenFactor: ω₀ of the hidden layers, above 0.
    ///   - randomNumbers: where the parameters are drawn from.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, fraction: Float = 1, hiddenFactor: Float = 30,
        using randomNumbers: inout RandomNumbers
    ) {
        require(
            fraction.isFinite && fraction >= 0 && hiddenFactor > 0 && hiddenFactor.isFinite,
            "expected a fraction of at least 0 and a factor above 0, got \(fraction) and \(hiddenFactor)")
        self.extents = extents
        self.hiddenFactor = hiddenFactor
        highestFrequencies = extents.map {
            fraction * FrequencyDistribution.nyquist(extent: $0) / Float(size.layers + 1)
        }
        first = PointwiseLayer(
            inputs: extents.count, outputs: size.hidden, weight: .uniform(bound: 1),
            bias: .uniform(bound: .pi), using: &randomNumbers)
        linears = (0..<size.layers).map { _ in
            PointwiseLayer(
                inputs: size.hidden, outputs: size.hidden,
                weight: .uniform(bound: (6 / Float(size.hidden)).squareRoot() / hiddenFactor),
                bias: .lowGain(fanIn: size.hidden), using: &randomNumbers)
        }
        output = .kernelOutput(hidden: size.hidden, outputs: outputs, extents: extents, using: &randomNumbers)
    }

    /// The hyper-kernel `[O, *S]`.
    ///
    /// - Complexity: |S| · h · (h · L + O) multiplications and |S| · h · L sines.
    public func kernel(extents: [Int]) -> Tensor {
        let grid = CoordinateGrid(extents: extents)
        let frequencies = Tensor(shape: [1, highestFrequencies.count], scalars: highestFrequencies)
        var hidden = Tensor.sineFilter(
            coordinates: grid, weight: first.weight * frequencies, bias: first.bias!)
        for linear in linears {
            hidden = hidden.pointwise(weight: linear.weight * hiddenFactor, bias: linear.bias).sine()
        }
        let kernel = output(hidden)
        return kernel.reshaped(to: Array(kernel.shape.dropFirst()))
    }

    /// Visits `first`, `linears.<l>` and `output`.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try Self.visit("first", &first, body)
        try Self.visit("linears", &linears, body)
        try Self.visit("output", &output, body)
    }
}
