import Convolution
import Foundation
import Runtime

extension DiagonalStateSpace {
    /// The beginning of a stream that is convolved with the kernels of a causal state space by their recurrence: O(N) operations a
    /// sample and channel.
    ///
    /// While at most ``extents`` samples have arrived, its outputs are those of a causal convolution with ``kernel(extents:)``. The
    /// stream's kernel goes on behind them.
    ///
    /// The global kernels of a ``Network`` are not streamed like this: Ŵ[s] = W[s] z[s] depends on the input, and
    ///
    ///     y[t] = Σ over s ≤ t of W[s] z[s] x[t-s]
    ///
    /// is a bilinear form of the samples so far whose matrix, W[s] at the pairs (s, t - s), has the rank t + 1 where no W[s] is 0,
    /// whatever recurrence W has. A state of fixed size would bound the rank of its dependence on what arrived before. Hence the
    /// O(log² t) of `StreamingContextConvolution`.
    public func stream<Scalar: ConvolutionScalar>(of scalar: Scalar.Type = Float.self) -> StreamingStateSpace<
        Scalar
    > {
        require(isCausal, "expected a causal state space, got one with a side of lags below 0")
        let (channels, modes) = (logDecay.shape[0], logDecay.shape[1])
        let values = [logStep, logDecay, frequency, output].map(\.scalars)
        let diagonal = (0..<channels * modes).map { at in
            let mode = StateSpaceMode(
                step: exp(Double(values[0][at / modes])), decay: exp(Double(values[1][at])),
                frequency: Double(values[2][at]),
                output: ComplexNumber(Double(values[3][2 * at]), Double(values[3][2 * at + 1])),
                stepRatio: 1, blockLength: 1)
            return DiagonalMode(
                factor: [mode.factor.real, mode.factor.imaginary],
                gain: [2 * mode.gain.real, 2 * mode.gain.imaginary])
        }
        return StreamingStateSpace(modes: diagonal, channels: channels)
    }
}
