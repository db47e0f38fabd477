import Runtime
import Tensors

/// Random Fourier features and a multilayer perceptron of them: cos(B x) and sin(B x), B normally distributed.
///
/// Source: M. Tancik et al., *Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
/// Domains*, arXiv 2006.10739, section 6 (the Gaussian mapping; its 2πB is B here).
public struct FourierFeatureNetwork: SlowNet {
    /// Features to the kernel's channels.
    public var perceptron: Perceptron
    /// The extents of the kernel the network was made for.
    public let extents: [Int]
    /// `[2 m, D]`: B, twice. Not trained, and no parameter: it follows from the sizes, so that a checkpoint need not
    /// hold it.
    let frequencies: Tensor
    /// `[2 m]`: π/2 for cosines, 0 for sines.
    private let phases: Tensor

    /// A network of `size.hidden` features, a half of them sines (of one more, if that number is odd), for kernels
    /// `[outputs, *extents]`.
    ///
    /// - Parameters:
    ///   - extents: the extents of the kernel.
    ///   - outputs: the number of its channels.
    ///   - size: the width and the number of the hidden layers.
    ///   - fraction: the deviation of the frequencies along an axis, in twelfths of the grid's Nyquist frequency: at 1
    ///     it is that of the source (2π · 10 on images of 512x512).
    ///   - randomNumbers: where the perceptron's parameters are drawn from.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, fraction: Float = 1,
        using randomNumbers: inout RandomNumbers
    ) {
        require(
            fraction.isFinite && fraction >= 0, "expected a fraction of at least 0, got \(fraction)")
        self.extents = extents
        let count = (size.hidden + 1) / 2
        // One for all networks of the same size.
        var fixedNumbers = RandomNumbers(seed: 0x0F0F_5EED)
        let drawn = (0..<count).flatMap { _ in
            extents.map { extent in
                fraction * FrequencyDistribution.nyquist(extent: extent) / 12 * fixedNumbers.normal()
            }
        }
        frequencies = Tensor(shape: [2 * count, extents.count], scalars: drawn + drawn)
        phases = Tensor(
            shape: [2 * count],
            scalars: Array(repeating: .pi / 2, count: count) + Array(repeating: 0, count: count))
        perceptron = Perceptron(
            inputs: 2 * count, outputs: outputs, size: size, extents: extents, using: &randomNumbers)
    }

    /// The hyper-kernel `[O, *S]`.
    public func kernel(extents: [Int]) -> Tensor {
        perceptron(
            Tensor.sineFilter(
                coordinates: CoordinateGrid(extents: extents), weight: frequencies, bias: phases))
    }

    /// Visits the perceptron's parameters.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try perceptron.forEachParameter(body)
    }
}
