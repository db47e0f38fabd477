import Foundation
import TestSupport
import Testing

@testable import Convolution

/// The accuracy that the documentation promises.
@Suite struct AccuracyTests {
    private static let lengths = [10, 31, 100, 317, 1000, 3163, 10_000, 31_623, 100_000]

    /// ε · log2 N, N being the number of points of the full convolution.
    private func bar<Scalar: ConvolutionScalar>(_: Scalar.Type, _ shape: Shape) -> Double {
        Double(Scalar.ulpOfOne) * log2(Double(shape.pointCount))
    }

    /// Outputs and gradients in `Float` against the same operands in `Double`, relative to the exact ones.
    @Test(arguments: Boundary.allCases, lengths)
    func randomSignalsInFloat(_ boundary: Boundary, _ length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x71)
        // As many rows, each with its kernel, as make the errors of short ones representative.
        let channels = max(1, 300 / length)
        let shape = Shape(
            signal: [length], kernel: [boundary == .valid ? (length + 1) / 2 : length], boundary: boundary)
        let operands = try Operands<Float>(shape, .shared(batch: 1, channels: channels), using: &generator)
        let exact = try Operands<Double>(operands).results(of: shape.spectralConvolution())
        for convolution: LongConvolution<Float> in [
            try shape.convolution(), try shape.spectralConvolution(),
        ] {
            let results = try operands.results(of: convolution)
            let errors = Errors(of: results, from: exact)
            #expect(errors.largest <= bar(Float.self, shape), "\(shape): \(errors)")
        }
    }

    #if arch(x86_64)
    /// The same in `Double` against sums in 80 bits: samples of them.
    @Test(arguments: Boundary.allCases, lengths)
    func randomSignalsInDouble(_ boundary: Boundary, _ length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x72)
        let shape = Shape(
            signal: [length], kernel: [boundary == .valid ? (length + 1) / 2 : length], boundary: boundary)
        let operands = try Operands<Double>(shape, .shared(batch: 1, channels: 1), using: &generator)
        for convolution: LongConvolution<Double> in [
            try shape.convolution(), try shape.spectralConvolution(),
        ] {
            let errors = try SampledConvolution(shape).errors(
                of: operands.results(of: convolution), operands, samples: 60, using: &generator)
            #expect(errors.largest <= bar(Double.self, shape), "\(shape): \(errors)")
        }
    }
    #endif

    /// Signals that are hard on transforms.
    enum Adversary: String, CaseIterable, Sendable {
        case offset, spike, denormals, alternating

        func signal<Scalar: ConvolutionScalar>(
            _ count: Int, using generator: inout some RandomNumberGenerator
        ) -> [Scalar] {
            let noise: [Scalar] = randomScalars(count, using: &generator)
            return switch self {
            case .offset: noise.map { 1e6 + $0 }
            case .spike: noise.enumerated().map { $0 == count / 3 ? 1e6 : $1 * 1e-6 }
            case .denormals:
                noise.enumerated().map { $0.isMultiple(of: 2) ? $1 : $1 * 100 * .leastNonzeroMagnitude }
            case .alternating: noise.enumerated().map { $0.isMultiple(of: 2) ? 1e3 + $1 : $1 - 1e3 }
            }
        }
    }

    /// Relative to ‖x‖·‖k‖, as the output may be much smaller than its terms. Where two adversaries meet, a single
    /// frequency may hold both, and the output be as large as √N·‖x‖·‖k‖: then it is relative to the output.
    @Test(arguments: Adversary.allCases, [100, 3163, 100_000])
    func adversarialSignals(_ adversary: Adversary, _ length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x73)
        for boundary in Boundary.allCases {
            let shape = Shape(
                signal: [length], kernel: [boundary == .valid ? length / 2 : length], boundary: boundary)
            var operands = try Operands<Float>(shape, .shared(batch: 1, channels: 1), using: &generator)
            operands.signal = adversary.signal(length, using: &generator)
            try check(operands, shape, "\(adversary)", using: &generator)
            operands.kernel = adversary.signal(shape.kernel[0], using: &generator)
            try check(operands, shape, "\(adversary) twice", using: &generator)
        }
    }

    private func check(
        _ operands: Operands<Float>, _ shape: Shape, _ label: String, using generator: inout SplitMix64
    ) throws {
        let double = Operands<Double>(operands)
        let exact = try double.results(of: shape.convolution())
        let results = try operands.results(of: shape.convolution())
        let (x, k, g) = (norm(double.signal), norm(double.kernel), norm(double.upstream))
        let scale = Errors(
            output: max(x * k, norm(exact.output)), signalGradient: max(g * k, norm(exact.signalGradient)),
            kernelGradient: max(g * x, norm(exact.kernelGradient)))
        let errors = Errors(
            output: distance(results.output, exact.output) / scale.output,
            signalGradient: distance(results.signalGradient, exact.signalGradient) / scale.signalGradient,
            kernelGradient: distance(results.kernelGradient, exact.kernelGradient) / scale.kernelGradient)
        #expect(errors.largest <= bar(Float.self, shape), "\(shape), \(label): \(errors)")
        #if arch(x86_64)
        let error = try absoluteError(ofSamples: exact.output, double, shape, using: &generator)
        #expect(
            error <= bar(Double.self, shape) * scale.output, "\(shape), \(label) in Double: \(error)")
        #endif
    }

    /// ‖y - exact‖ of the outputs, estimated from samples.
    private func absoluteError(
        ofSamples output: [Double], _ operands: Operands<Double>, _ shape: Shape,
        using generator: inout SplitMix64
    ) throws -> Double {
        let sampled = try SampledConvolution(shape)
        let indices = (0..<50).map { _ in Int.random(in: output.indices, using: &generator) }
        let squares = indices.reduce(Widest(0)) { sum, t in
            let difference = Widest(output[t]) - sampled.output(t, operands.signal, operands.kernel).value
            return sum + difference * difference
        }
        return (Double(squares) / Double(indices.count) * Double(output.count)).squareRoot()
    }

    /// A signal of denormals alone: errors are those of underflow, η = `leastNonzeroMagnitude`, not of relative
    /// rounding. Every level of a transform adds at most η to each element, and transforms that follow pass it on with
    /// the growth of what they transform: unnormalized, a level's η grows to η·√M, the kernel's spectrum multiplies it
    /// by about ‖k‖, the inverse transform divides by M: η·(1 + ‖k‖) an element for each of log2 N levels.
    @Test func denormals() throws {
        var generator = SplitMix64.announced(seed: 0x74)
        for length in [100, 3163, 50_000] {
            let shape = Shape(signal: [length], kernel: [length], boundary: .causal)
            var operands = try Operands<Float>(shape, .shared(batch: 1, channels: 1), using: &generator)
            operands.signal = operands.signal.map { $0 * 1000 * .leastNonzeroMagnitude }
            let exact: [Double] = try LongConvolution(
                length: length, kernelLength: length, boundary: .causal)(
                    operands.signal.map(Double.init), operands.kernel.map(Double.init))
            let underflow =
                Double(Float.leastNonzeroMagnitude) * (1 + norm(operands.kernel))
                * log2(Double(shape.pointCount)) * Double(length).squareRoot()
            let error = distance(try operands.results(of: shape.convolution()).output, exact)
            #expect(error <= underflow, "length \(length): \(error / underflow)")
        }
    }
}
