import Tensors

extension MultiplicativeFilterNetwork {
    /// Z·W over the channels: w_c · m²  `[B, C, 1, ...]`, with m the mean over space of `features` `[B, C, *S]` and w
    /// the hyper-kernel `[1, C]` of this slow net. The pass may take the mean over something else.
    ///
    /// One factor m is the context of the kernel Z·W, the other its input.
    func channelScore(of features: Tensor, in pass: inout ForwardPass) -> Tensor {
        let mean = pass.meanOverSpace(features, named: GateScores.meanName)
        let kernel = pass.constant(named: "channelKernel") { self.kernel() }
        let shape = [1, features.shape[1]] + Array(repeating: 1, count: features.rank - 2)
        return kernel.reshaped(to: shape) * mean.squared()
    }

    /// Z·W over space: w_s · m²  `[B, 1, *S]`, with m the mean over the channels and w the hyper-kernel `[1, *S]`.
    func spatialScore(of features: Tensor, in pass: inout ForwardPass) -> Tensor {
        let mean = features.mean(overAxes: [1], keepingAxes: true)
        let sampled = pass.sampledExtents(of: features, madeFor: extents)
        let kernel = pass.constant(named: "spatialKernel") { self.kernel(extents: sampled) }
        return pass.held(kernel, over: features) * mean.squared()
    }
}

/// The statistics that scores take.
enum GateScores {
    static let meanName = "mean"

    /// Names them, with their shapes.
    static func declareStatistics(
        _ shapes: inout StatisticsShapes, form: SequenceStatistics, channels: Int, axes: Int
    ) {
        guard form == .frozen else { return }
        shapes.addMean(named: meanName, channels: channels, axes: axes)
    }
}
