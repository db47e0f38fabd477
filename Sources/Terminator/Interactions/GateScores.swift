import Tensors

extension MultiplicativeFilterNetwork {
    /// Z·W over the channels: w_c · m²  `[B, C, 1, ...]`, with m the mean over space of `features` `[B, C, *S]` and w
    /// the hyper-kernel `[1, C]` of this slow net.
    ///
    /// One factor m is the context of the kernel Z·W, the other its input.
    func channelScore(of features: Tensor) -> Tensor {
        let spatialAxes = Array(2..<features.rank)
        let mean = features.mean(overAxes: spatialAxes, keepingAxes: true)
        let kernel = kernel().reshaped(to: [1, features.shape[1]] + spatialAxes.map { _ in 1 })
        return kernel * mean.squared()
    }

    /// Z·W over space: w_s · m²  `[B, 1, *S]`, with m the mean over the channels and w the hyper-kernel `[1, *S]`.
    func spatialScore(of features: Tensor) -> Tensor {
        let mean = features.mean(overAxes: [1], keepingAxes: true)
        return kernel(extents: Array(features.shape.dropFirst(2))) * mean.squared()
    }
}
