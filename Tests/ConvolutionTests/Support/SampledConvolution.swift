@testable import Convolution

#if arch(x86_64)
/// The widest precision there is: sums in it are exact for our purposes.
typealias Widest = Float80
#else
typealias Widest = Double
#endif

/// Single elements of a convolution in one dimension and of its gradients, each summed by definition.
struct SampledConvolution {
    let axis: Axis
    let orientation: Orientation

    init(_ shape: Shape) throws {
        axis = try shape.axes()[0]
        orientation = shape.orientation
    }

    /// The output to which the product of signal element i and kernel element s (before flipping) belongs.
    private func output(_ full: Int) -> Int? {
        if axis.isPeriodic { return full % axis.signal }
        return (axis.offset..<axis.offset + axis.output).contains(full) ? full - axis.offset : nil
    }

    private func element(_ s: Int) -> Int { orientation == .convolution ? s : axis.kernel - 1 - s }

    /// Output t, and the sum of its terms' magnitudes.
    func output<Scalar: ConvolutionScalar>(
        _ t: Int, _ signal: [Scalar], _ kernel: [Scalar]
    ) -> (value: Widest, magnitude: Widest) {
        var value: Widest = 0, magnitude: Widest = 0
        for full in axis.isPeriodic ? [t, t + axis.signal] : [t + axis.offset] {
            for s in max(
                0, full - axis.signal + 1)..<max(0, full - axis.signal + 1, min(axis.kernel, full + 1))
            {
                let term = Widest(signal[full - s]) * Widest(kernel[element(s)])
                value += term
                magnitude += abs(term)
            }
        }
        return (value, magnitude)
    }

    /// ∂/∂signal[i] of Σ upstream · output.
    func signalGradient<Scalar: ConvolutionScalar>(
        _ i: Int, _ upstream: [Scalar], _ kernel: [Scalar]
    ) -> Widest {
        (0..<axis.kernel).reduce(0) { sum, s in
            sum + (output(i + s).map { Widest(upstream[$0]) * Widest(kernel[element(s)]) } ?? 0)
        }
    }

    /// ∂/∂kernel[e] of Σ upstream · output.
    func kernelGradient<Scalar: ConvolutionScalar>(
        _ e: Int, _ upstream: [Scalar], _ signal: [Scalar]
    ) -> Widest {
        // `element` is its own inverse.
        let s = element(e)
        return (0..<axis.signal).reduce(0) { sum, i in
            sum + (output(i + s).map { Widest(upstream[$0]) * Widest(signal[i]) } ?? 0)
        }
    }

    /// ‖results - exact‖ / ‖exact‖ over samples of the outputs and of both gradients.
    func errors<Scalar: ConvolutionScalar>(
        of results: Results<Scalar>, _ operands: Operands<Scalar>, samples: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Errors {
        func error(_ values: [Scalar], _ exact: (Int) -> Widest) -> Double {
            // The first and the last elements, where mistakes are likely, and others at random; all of few.
            let indices =
                values.count <= samples
                ? Array(values.indices)
                : [0, 1, values.count / 2, values.count - 2, values.count - 1]
                    + (0..<samples).map { _ in Int.random(in: values.indices, using: &generator) }
            var error: Widest = 0, norm: Widest = 0
            for index in indices {
                let exact = exact(index), difference = Widest(values[index]) - exact
                error += difference * difference
                norm += exact * exact
            }
            return error.isFinite ? Double((error / norm).squareRoot()) : .infinity
        }
        return Errors(
            output: error(results.output) { output($0, operands.signal, operands.kernel).value },
            signalGradient: error(results.signalGradient) {
                signalGradient($0, operands.upstream, operands.kernel)
            },
            kernelGradient: error(results.kernelGradient) {
                kernelGradient($0, operands.upstream, operands.signal)
            })
    }
}
