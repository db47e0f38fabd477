import TestSupport
import Testing

@testable import Convolution

/// Long rows, as a user gets them, against sampled direct sums.
@Suite struct LongRowTests {
    /// Lengths that become lines in several blocks, and split lines: 70,001 and 131,101 are primes.
    @Test(.releaseOnly, arguments: [5003, 16_384, 20_000, 70_001, 131_101])
    func samples(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x10)
        for (number, boundary) in Boundary.allCases.enumerated() {
            let shape = Shape(
                signal: [length], kernel: [boundary == .valid ? length / 2 : length], boundary: boundary,
                orientation: number.isMultiple(of: 2) ? .convolution : .correlation)
            try compare(shape, Double.self, using: &generator)
            if boundary == .causal || boundary == .circular {
                try compare(shape, Float.self, using: &generator)
            }
        }
    }

    /// Relative to the result: rows are random and sums have no reason to cancel, so the result's norm is about the
    /// product of the norms, which the tolerance is relative to.
    private func compare<Scalar: ConvolutionScalar>(
        _ shape: Shape, _: Scalar.Type, using generator: inout SplitMix64
    ) throws {
        let operands = try Operands<Scalar>(shape, .shared(batch: 1, channels: 1), using: &generator)
        let results = try operands.results(of: shape.convolution())
        let errors = try SampledConvolution(shape).errors(
            of: results, operands, samples: 100, using: &generator)
        #expect(
            errors.largest <= transformTolerance(Scalar.self, points: shape.pointCount),
            "\(shape) in \(Scalar.self): \(errors)")
    }

    /// The sampled sums are those of the definition.
    @Test(arguments: Boundary.allCases, [Orientation.convolution, .correlation])
    func samplesAreRight(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x5A)
        for kernelLength in [1, 4, 9] {
            let shape = Shape(
                signal: [9], kernel: [kernelLength], boundary: boundary, orientation: orientation)
            let batch = Batch(shape.directMap, .shared(batch: 1, channels: 1), using: &generator)
            let direct = Results(
                output: batch.output, signalGradient: batch.signalGradient,
                kernelGradient: batch.kernelGradient)
            let errors = try SampledConvolution(shape).errors(
                of: direct,
                Operands(
                    pairing: batch.pairing, signal: batch.signal, kernel: batch.kernel,
                    upstream: batch.upstream),
                samples: 100, using: &generator)
            // Sums of at most nine products of numbers of 24 bits: a few roundings.
            #expect(errors.largest <= 9 * Double.ulpOfOne, "\(shape)")
        }
    }

    /// Planes whose columns take several blocks and whose rows take several tasks.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid])
    func planes(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x22)
        for (signal, kernel) in [([130, 150], [12, 9]), ([60, 401], [2, 20])] {
            let shape = Shape(
                signal: signal, kernel: kernel, boundary: boundary,
                orientation: boundary == .full ? .convolution : .correlation)
            let batch = Batch(shape.directMap, .shared(batch: 1, channels: 1), using: &generator)
            try batch.check(
                shape.convolution() as LongConvolution<Double>,
                tolerance: transformTolerance(Double.self, points: shape.pointCount), "\(shape)")
            try batch.check(
                shape.convolution() as LongConvolution<Float>,
                tolerance: transformTolerance(Float.self, points: shape.pointCount), "\(shape)")
        }
    }
}
