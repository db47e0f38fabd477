import Runtime

/// The mean and the biased variance of each channel of a tensor [B, C, *S] over batch and space: constants of shape
/// [1, C, 1, ...].
public struct ChannelMoments: Sendable {
    /// The means.
    public let mean: Tensor
    /// The variances, divided by the count.
    public let variance: Tensor

    /// The given moments, of one shape.
    public init(mean: Tensor, variance: Tensor) {
        require(
            mean.shape == variance.shape,
            "expected moments of one shape, got \(mean.shape) and \(variance.shape)")
        self.mean = mean
        self.variance = variance
    }
}
