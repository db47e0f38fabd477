import Foundation
import TestSupport
import Testing

@testable import Convolution

/// The accuracy that the documentation promises.
@Suite(.releaseOnly) struct AccuracyTests {
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

    /// Every family of rows against every other, each output, relative to what is documented; in `Float` against the same
    /// operands in `Double`, whose own error is 2^-29 of what is allowed.
    @Test(arguments: Boundary.allCases, [[3], [24], [100], [1000], [3163], [20_011], [12, 13], [90, 64]])
    func adversarialRows(_ boundary: Boundary, _ signal: [Int]) throws {
        var generator = SplitMix64.announced(seed: 0x73)
        let shape = Shape(
            signal: signal, kernel: signal.map { boundary == .valid ? ($0 + 1) / 2 : $0 }, boundary: boundary)
        guard shape.exists else { return }
        for (number, first) in RowFamily.allCases.enumerated() {
            // All pairs of short rows, of long ones each family with itself, the next one and noise.
            let next = RowFamily.allCases[(number + 1) % RowFamily.allCases.count]
            for second in shape.pointCount < 5000 ? RowFamily.allCases : [first, next, .random] {
                let operands: Operands<Float> = try rows(shape, first, second, using: &generator)
                let exact = try Operands<Double>(operands).results(of: shape.convolution())
                let errors = Errors(
                    of: try operands.results(of: shape.convolution()), from: exact,
                    allowed: .allowed(shape, operands))
                #expect(errors.largest <= 1, "\(shape), \(first) and \(second): \(errors)")
            }
        }
    }

    /// A row of one family, a kernel of another, an upstream cotangent of the first.
    private func rows<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ first: RowFamily, _ second: RowFamily, using generator: inout SplitMix64
    ) throws -> Operands<Scalar> {
        let key = try shape.key()
        return Operands(
            pairing: .shared(batch: 1, channels: 1),
            signal: first.row(key.count(.signal), using: &generator),
            kernel: second.row(key.count(.kernel), using: &generator),
            upstream: first.row(key.count(.output), using: &generator))
    }

    #if arch(x86_64)
    /// The same in `Double` against sums in 80 bits, all of short rows and samples of long ones.
    ///
    /// The squares of s errors drawn at random from N, times N / s, have the mean ‖y - exact‖²; so what is compared is an
    /// estimate. Its relative deviation is √((κ - 1) / s) where the errors' fourth moment is κ times the square of their
    /// second: with s = 60 and errors as those of a normal distribution (κ = 3) 18 percent of the square, 9 of the norm.
    @Test(arguments: Boundary.allCases, [3, 24, 100, 3163, 100_000])
    func adversarialRowsInDouble(_ boundary: Boundary, _ length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x75)
        let shape = Shape(
            signal: [length], kernel: [boundary == .valid ? (length + 1) / 2 : length], boundary: boundary)
        let sampled = try SampledConvolution(shape)
        for (number, first) in RowFamily.allCases.enumerated()
        where length < 100_000 || number.isMultiple(of: 3) {
            for second in [first, .random] {
                let operands: Operands<Double> = try rows(shape, first, second, using: &generator)
                let results = try operands.results(of: shape.convolution())
                let allowed = Errors.allowed(shape, operands)
                let errors = Errors(
                    output: estimate(results.output, using: &generator) {
                        sampled.output($0, operands.signal, operands.kernel).value
                    } / allowed.output,
                    signalGradient: estimate(results.signalGradient, using: &generator) {
                        sampled.signalGradient($0, operands.upstream, operands.kernel)
                    } / allowed.signalGradient,
                    kernelGradient: estimate(results.kernelGradient, using: &generator) {
                        sampled.kernelGradient($0, operands.upstream, operands.signal)
                    } / allowed.kernelGradient)
                #expect(errors.largest <= 1, "\(shape), \(first) and \(second): \(errors)")
            }
        }
    }

    /// ‖values - exact‖, estimated from samples where there are many.
    private func estimate(
        _ values: [Double], using generator: inout SplitMix64, _ exact: (Int) -> Widest
    ) -> Double {
        let indices =
            values.count <= 100
            ? Array(values.indices) : (0..<60).map { _ in Int.random(in: values.indices, using: &generator) }
        let squares = indices.reduce(Widest(0)) { sum, index in
            let difference = Widest(values[index]) - exact(index)
            return sum + difference * difference
        }
        return (Double(squares) * Double(values.count) / Double(indices.count)).squareRoot()
    }
    #endif

    /// A million ones with a million ones: the exact outputs are the numbers of terms. Of `full` the first and last
    /// outputs are a millionth of the largest; of `valid` one output is left of what was transformed. Here even the product
    /// of the 2-norms, or the norm of the output, is enough.
    @Test(arguments: [Boundary.full, .valid])
    func millionOnes(_ boundary: Boundary) throws {
        let length = 1_000_003
        func check<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
            let ones = [Scalar](repeating: 1, count: length)
            let output = try LongConvolution<Scalar>(
                length: length, kernelLength: length, boundary: boundary)(
                    ones, ones)
            let exact =
                boundary == .valid
                ? [Double(length)] : (0..<2 * length - 1).map { Double(min($0 + 1, 2 * length - 1 - $0)) }
            let bound = Double(Scalar.ulpOfOne) * log2(Double(2 * length)) * max(Double(length), norm(exact))
            let error = distance(output, exact)
            #expect(error <= bound, "\(Scalar.self): \(error / bound)")
        }
        try check(Float.self)
        try check(Double.self)
    }

    /// Sums over B rows may lose B / 2 · ε more: equal rows, the sums of which round the same way again and again.
    @Test(arguments: [3, 50, 2000])
    func sumsOverRows(batch: Int) throws {
        for length in [20, 60] {
            let shape = Shape(signal: [length], kernel: [length], boundary: .causal)
            let operands = Operands<Float>(
                pairing: .shared(batch: batch, channels: 1),
                signal: Array(repeating: 0.1, count: batch * length),
                kernel: Array(repeating: 0.3, count: length),
                upstream: Array(repeating: 0.7, count: batch * length))
            let exact = try Operands<Double>(operands).results(of: shape.convolution()).kernelGradient
            let gradient = try operands.results(of: shape.convolution()).kernelGradient
            // The sum over the rows of ‖g‖·‖x‖, rows being equal.
            let products = norm(operands.upstream) * norm(operands.signal)
            let factor = log2(Double(shape.accuracyPointCount)) + Double(batch) / 2
            let bound = Double(Float.ulpOfOne) * factor * max(products, norm(exact))
            let error = distance(gradient, exact)
            #expect(error <= bound, "length \(length), \(batch) rows: \(error / bound)")
        }
    }

    /// A signal of denormals alone: errors are those of underflow, η = `leastNonzeroMagnitude`, not of relative
    /// rounding. Every level of a transform adds at most η to each element, and transforms that follow pass it on with
    /// the growth of what they transform: unnormalized, a level's η grows to η·√M, the kernel's spectrum multiplies it
    /// by about ‖k‖, the inverse transform divides by M. Signals are scaled by 2^-a ≥ 1/(2√M) before, so that this is
    /// multiplied by up to 2√M after: 2√M·η·(1 + ‖k‖) an element for each of log2 N levels.
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
                * 2 * Double(shape.pointCount).squareRoot()
            let error = distance(try operands.results(of: shape.convolution()).output, exact)
            #expect(error <= underflow, "length \(length): \(error / underflow)")
        }
    }
}
