import Runtime
import Tensors

/// A kernel of free taps, smoothed by a moving mean and squashed: sign(k) max(|k| - threshold, 0).
///
/// Source: D. Fu et al., *Simple Hardware-Efficient Long Convolutions for Sequence Modeling*, arXiv 2302.06646,
/// section 3.2. Taps start normal with deviation 0.002, as in its code. In two dimensions the mean is one over squares.
public struct ExplicitKernel: SlowNet {
    /// `[C, *S]`: the taps.
    public var kernel: Tensor
    /// The extents of the kernel.
    public let extents: [Int]
    /// The number of samples of the moving mean along each axis: odd; 1 for none. Outside of the kernel are zeros.
    public let smoothing: Int
    /// What each tap's magnitude is reduced by; smaller ones become 0.
    public let threshold: Float

    /// A kernel `[outputs, *extents]`.
    public init(
        extents: [Int], outputs: Int, smoothing: Int = 1, threshold: Float = 0,
        using randomNumbers: inout RandomNumbers
    ) {
        require(
            (1...2).contains(extents.count) && extents.allSatisfy { $0 >= 1 } && smoothing >= 1
                && smoothing % 2 == 1 && threshold >= 0,
            "expected 1 or 2 extents of at least 1, an odd number of samples to smooth over and a threshold of at least 0, got "
                + "\(extents), \(smoothing) and \(threshold)")
        self.extents = extents
        self.smoothing = smoothing
        self.threshold = threshold
        kernel = Tensor(shape: [outputs] + extents, normalWithDeviation: 0.002, using: &randomNumbers)
    }

    /// The kernel `[C, *S]`; resampled linearly to other extents than its own.
    ///
    /// - Complexity: |S| · C · smoothing^D for D axes.
    public func kernel(extents: [Int]) -> Tensor {
        let smooth = smoothed()
        guard threshold > 0 else { return smooth.resampled(to: extents) }
        let squashed = (smooth - threshold).relu() - (-smooth - threshold).relu()
        return squashed.resampled(to: extents)
    }

    private func smoothed() -> Tensor {
        guard smoothing > 1 else { return kernel }
        let window = [kernel.shape[0]] + extents.map { _ in smoothing }
        let weight = 1 / Float(window.dropFirst().reduce(1, *))
        return kernel.reshaped(to: [1] + kernel.shape)
            .depthwiseCorrelation(kernel: Tensor(shape: window, repeating: weight))
            .reshaped(to: kernel.shape)
    }

    /// Visits `kernel`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        try body(.taps, &kernel)
    }

    /// Taps have a rate of their own and no weight decay, as published.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? {
        TrainingRule(rateFactor: rates.taps, decays: false)
    }
}
