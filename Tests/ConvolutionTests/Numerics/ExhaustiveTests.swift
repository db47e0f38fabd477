import TestSupport
import Testing

@testable import Convolution

/// Every small shape against the direct sum.
///
/// Short kernels are convolved as sums; here they go through transforms as well, so that both ways are exhausted.
@Suite struct ExhaustiveTests {
    /// Both ways in `Double`, and the user's way in `Float` if asked for.
    private func compare(
        _ shape: Shape, _ pairing: Pairing, inFloatToo: Bool, using generator: inout SplitMix64
    ) throws {
        let batch = Batch(shape.directMap, pairing, using: &generator)
        let label = "\(shape) \(pairing)"
        let double = transformTolerance(Double.self, points: shape.pointCount)
        let convolution: LongConvolution<Double> = try shape.convolution()
        try batch.check(convolution, tolerance: double, label)
        if case .direct = convolution.plan.method {
            try batch.check(
                shape.spectralConvolution() as LongConvolution<Double>, tolerance: double,
                "\(label) on spectra")
        }
        if inFloatToo {
            try batch.check(
                shape.convolution() as LongConvolution<Float>,
                tolerance: transformTolerance(Float.self, points: shape.pointCount), label)
        }
    }

    @Test(.releaseOnly, arguments: Boundary.allCases)
    func everyLengthAndKernelLength(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x1D)
        for length in 1...96 {
            for kernelLength in 1...length + 3 {
                let shape = Shape(
                    signal: [length], kernel: [kernelLength], boundary: boundary,
                    orientation: (length + kernelLength).isMultiple(of: 3) ? .correlation : .convolution)
                guard shape.exists else { continue }
                let pairings = [Pairing.shared(batch: 2, channels: 1), .perSample(batch: 1, channels: 2)]
                // Both pairings up to a length of 32, then one after the other.
                for (number, pairing) in pairings.enumerated()
                where length <= 32 || number == kernelLength % 2 {
                    try compare(
                        shape, pairing, inFloatToo: (length + kernelLength).isMultiple(of: 2),
                        using: &generator)
                }
            }
        }
    }

    /// The bar: relative to the result itself, in `Double`, at most 1e-12; for kernels as long as the signal, and
    /// half as long.
    @Test(arguments: Boundary.allCases)
    func everyLengthUpTo128(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x128)
        for length in 1...128 {
            for kernelLength in Set([length, (length + 1) / 2]).sorted() {
                let shape = Shape(signal: [length], kernel: [kernelLength], boundary: boundary)
                for pairing in [Pairing.shared(batch: 9, channels: 1), .perSample(batch: 2, channels: 1)] {
                    let batch = Batch(shape.directMap, pairing, using: &generator)
                    for convolution: LongConvolution<Double> in [
                        try shape.convolution(), try shape.spectralConvolution(),
                    ] {
                        let results = try batch.run(convolution)
                        for (result, direct) in [
                            (results.output, batch.output), (results.signalGradient, batch.signalGradient),
                            (results.kernelGradient, batch.kernelGradient),
                        ] {
                            #expect(distance(result, direct) <= 1e-12 * norm(direct), "\(shape) \(pairing)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [Boundary.centred, .circular, .full, .valid])
    func everySmallPlane(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x2D)
        for height in 1...9 {
            for width in 1...9 {
                for kernelHeight in 1...9 {
                    for kernelWidth in 1...9 {
                        let shape = Shape(
                            signal: [height, width], kernel: [kernelHeight, kernelWidth], boundary: boundary,
                            orientation: (height + width + kernelWidth).isMultiple(of: 3)
                                ? .correlation : .convolution)
                        guard shape.exists else { continue }
                        try compare(
                            shape, .shared(batch: 1, channels: 1),
                            inFloatToo: (kernelHeight + kernelWidth).isMultiple(of: 3), using: &generator)
                    }
                }
            }
        }
    }

    /// Heights with a large prime factor, for which the ring down the columns is longer than the signal.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [11, 13, 17, 22])
    func planesOfAwkwardHeight(_ boundary: Boundary, _ height: Int) throws {
        var generator = SplitMix64.announced(seed: 0x11)
        for orientation in [Orientation.convolution, .correlation] {
            for kernelHeight in [1, 2, height / 2, height - 1, height] {
                for (width, kernelWidth) in [(1, 1), (6, 6), (13, 5)] {
                    let shape = Shape(
                        signal: [height, width], kernel: [kernelHeight, kernelWidth], boundary: boundary,
                        orientation: orientation)
                    try compare(
                        shape, .shared(batch: 2, channels: 1), inFloatToo: true, using: &generator)
                }
            }
        }
    }
}
