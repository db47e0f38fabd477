@testable import Convolution

/// Relative errors of a convolution and its gradients.
struct Errors {
    let output: Double
    let signalGradient: Double
    let kernelGradient: Double

    var largest: Double { max(output, signalGradient, kernelGradient) }
}

extension Errors {
    /// The distances of results, relative to the products of the norms of what is convolved.
    init<Scalar: ConvolutionScalar>(
        of results: Results<Scalar>, _ operands: Operands<Double>, from exact: Results<Double>
    ) {
        let (x, k, g) = (norm(operands.signal), norm(operands.kernel), norm(operands.upstream))
        self.init(
            output: distance(results.output, exact.output) / (x * k),
            signalGradient: distance(results.signalGradient, exact.signalGradient) / (g * k),
            kernelGradient: distance(results.kernelGradient, exact.kernelGradient) / (g * x))
    }

    /// The distances of results, relative to the exact ones.
    init<Scalar: ConvolutionScalar>(of results: Results<Scalar>, from exact: Results<Double>) {
        self.init(
            output: distance(results.output, exact.output) / norm(exact.output),
            signalGradient: distance(results.signalGradient, exact.signalGradient)
                / norm(exact.signalGradient),
            kernelGradient: distance(results.kernelGradient, exact.kernelGradient)
                / norm(exact.kernelGradient))
    }
}
