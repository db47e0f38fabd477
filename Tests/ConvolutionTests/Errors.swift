import Foundation

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

extension Errors {
    /// ε · log2(max(n, 4)) · max(‖x‖₁·‖k‖, ‖x‖·‖k‖₁): the errors that the documentation allows for one row, for the output and,
    /// with the upstream cotangent in place of the row or the kernel, both gradients.
    static func allowed<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ operands: Operands<Scalar>
    ) -> Errors {
        let factor = Double(Scalar.ulpOfOne) * log2(Double(max(shape.accuracyPointCount, 4)))
        func scale(_ a: [Scalar], _ b: [Scalar]) -> Double {
            factor * max(sumOfMagnitudes(a) * norm(b), norm(a) * sumOfMagnitudes(b))
        }
        return Errors(
            output: scale(operands.signal, operands.kernel),
            signalGradient: scale(operands.upstream, operands.kernel),
            kernelGradient: scale(operands.upstream, operands.signal))
    }

    /// The distances of results, in units of what is allowed.
    init<Scalar: ConvolutionScalar>(of results: Results<Scalar>, from exact: Results<Double>, allowed: Errors)
    {
        self.init(
            output: distance(results.output, exact.output) / allowed.output,
            signalGradient: distance(results.signalGradient, exact.signalGradient) / allowed.signalGradient,
            kernelGradient: distance(results.kernelGradient, exact.kernelGradient) / allowed.kernelGradient)
    }
}

/// ‖a‖₁
private func sumOfMagnitudes<Scalar: BinaryFloatingPoint>(_ values: [Scalar]) -> Double {
    values.reduce(0.0) { $0 + abs(Double($1)) }
}
