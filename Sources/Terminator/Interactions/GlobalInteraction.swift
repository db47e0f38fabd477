import Tensors

extension GlobalInteraction {
    /// The global Z·W interaction: applies context-dependent kernels `[B, C, *S]`, one for each sample and channel, to
    /// each of the feature maps, of the same shape.
    ///
    /// - Parameter exactHead: How many of the first outputs of a causal convolution are computed as sums.
    /// - Complexity: O(n log n) for n scalars with convolution, O(n √|S|) with the matrix product.
    func callAsFunction(_ features: [Tensor], contextKernel: Tensor, exactHead: Int = 0) -> [Tensor] {
        switch self {
        case .convolution(let alignment):
            Tensor.longConvolution(
                features, kernel: contextKernel, boundary: alignment.boundary, exactHead: exactHead)
        case .matrixProduct:
            contextKernel.matrixProducts(features)
        }
    }
}
