import Tensors

/// A multilayer perceptron of the coordinates: the plainest slow net.
///
/// Piecewise linear, with few pieces: it learns low frequencies first and sharp details hardly at all (N. Rahaman et
/// al., *On the Spectral Bias of Neural Networks*, arXiv 1806.08734).
public struct CoordinatePerceptron: SlowNet {
    /// Coordinates to the kernel's channels.
    public var perceptron: Perceptron
    /// The extents of the kernel the network was made for.
    public let extents: [Int]

    /// A network for kernels `[outputs, *extents]`.
    public init(
        extents: [Int], outputs: Int, size: SlowNetSize, using randomNumbers: inout RandomNumbers
    ) {
        self.extents = extents
        perceptron = Perceptron(
            inputs: extents.count, outputs: outputs, size: size, extents: extents, using: &randomNumbers)
    }

    /// The hyper-kernel `[O, *S]`.
    public func kernel(extents: [Int]) -> Tensor { perceptron(CoordinateGrid(extents: extents).points) }

    /// Visits the perceptron's parameters.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try perceptron.forEachParameterPath(body)
    }
}
