import Tensors

extension GlobalInteraction {
    /// The global Z·W interaction: applies context-dependent kernels `[B, C, *S]`, one for each sample and channel, to
    /// each of the feature maps, of the same shape.
    ///
    /// - Parameters:
    ///   - support: The extents of the part of the kernels around lag 0 that is not 0 to rounding; `nil`: all.
    ///   - exactHead: How many of the first outputs of a causal convolution are computed as sums.
    /// - Complexity: O(n log n) for n scalars with convolution, O(n √|S|) with the matrix product.
    func callAsFunction(
        _ features: [Tensor], contextKernel: Tensor, support: [Int]? = nil, exactHead: Int = 0
    ) -> [Tensor] {
        switch self {
        case .convolution(let alignment):
            Tensor.longConvolution(
                features, kernel: support.map { contextKernel.cropped(to: $0, alignment) } ?? contextKernel,
                boundary: alignment.boundary, exactHead: exactHead)
        case .matrixProduct:
            contextKernel.matrixProducts(features)
        }
    }
}
