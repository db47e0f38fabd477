import Convolution
import TestSupport
import Testing

/// Every small shape against the direct sum, in both precisions.
@Suite struct ExhaustiveTests {
    /// A transform of N points has an error of at most about ε·log2 N relative to its norm, on random data much less
    /// (G. Golub, C. Van Loan, "Matrix Computations", 1.4.1). A product of two transforms transformed back makes
    /// three of them; small shapes, for which log2 N is next to nothing, keep the few roundings of a multiplication.
    private func tolerance<Scalar: ConvolutionScalar>(_: Scalar.Type, points: Int) -> Double {
        Double(Scalar.ulpOfOne) * (2 + Double(Int.bitWidth - points.leadingZeroBitCount))
    }

    private func compare(
        _ map: DirectBilinearMap, signal: [Int], kernel: [Int], boundary: Boundary,
        orientation: Orientation, pairing: Pairing, generator: inout SplitMix64
    ) throws {
        let batch = Batch(map, pairing, using: &generator)
        let points = zip(signal, kernel).reduce(1) { $0 * ($1.0 + $1.1) }
        let label = "\(signal) by \(kernel) \(boundary) \(orientation) \(pairing)"
        func check<Scalar: ConvolutionScalar>(_ convolution: LongConvolution<Scalar>) throws {
            let errors = try batch.errors(of: convolution)
            let bound = tolerance(Scalar.self, points: points)
            #expect(errors.output <= bound, "output of \(label) in \(Scalar.self)")
            #expect(errors.signalGradient <= bound, "signal gradient of \(label) in \(Scalar.self)")
            #expect(errors.kernelGradient <= bound, "kernel gradient of \(label) in \(Scalar.self)")
        }
        if signal.count == 1 {
            try check(
                LongConvolution<Double>(
                    length: signal[0], kernelLength: kernel[0], boundary: boundary, orientation: orientation))
            try check(
                LongConvolution<Float>(
                    length: signal[0], kernelLength: kernel[0], boundary: boundary, orientation: orientation))
        } else {
            try check(
                LongConvolution<Double>(
                    height: signal[0], width: signal[1], kernelHeight: kernel[0], kernelWidth: kernel[1],
                    boundary: boundary, orientation: orientation))
            try check(
                LongConvolution<Float>(
                    height: signal[0], width: signal[1], kernelHeight: kernel[0], kernelWidth: kernel[1],
                    boundary: boundary, orientation: orientation))
        }
    }

    @Test(arguments: Boundary.allCases)
    func everyLengthAndKernelLength(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x1D)
        for length in 1...96 {
            for kernelLength in 1...length + 3 {
                if kernelLength > length, boundary == .circular || boundary == .valid { continue }
                let orientation: Orientation =
                    (length + kernelLength).isMultiple(of: 3) ? .correlation : .convolution
                let map = DirectBilinearMap(
                    signal: [length], kernel: [kernelLength], boundary: boundary, orientation: orientation)
                let pairing: Pairing =
                    kernelLength.isMultiple(of: 2)
                    ? .shared(batch: 2, channels: 1) : .perSample(batch: 1, channels: 2)
                try compare(
                    map, signal: [length], kernel: [kernelLength], boundary: boundary,
                    orientation: orientation,
                    pairing: pairing, generator: &generator)
            }
        }
    }

    @Test(arguments: Boundary.allCases)
    func everyLengthWithAKernelAsLong(_ boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x128)
        for length in 1...128 {
            let map = DirectBilinearMap(signal: [length], kernel: [length], boundary: boundary)
            for pairing in [Pairing.shared(batch: 9, channels: 1), .perSample(batch: 2, channels: 1)] {
                try compare(
                    map, signal: [length], kernel: [length], boundary: boundary, orientation: .convolution,
                    pairing: pairing, generator: &generator)
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
                        if kernelHeight > height || kernelWidth > width,
                            boundary == .circular || boundary == .valid
                        {
                            continue
                        }
                        let orientation: Orientation =
                            (height + width + kernelWidth).isMultiple(of: 3) ? .correlation : .convolution
                        let map = DirectBilinearMap(
                            signal: [height, width], kernel: [kernelHeight, kernelWidth], boundary: boundary,
                            orientation: orientation)
                        try compare(
                            map, signal: [height, width], kernel: [kernelHeight, kernelWidth],
                            boundary: boundary,
                            orientation: orientation, pairing: .shared(batch: 1, channels: 1),
                            generator: &generator)
                    }
                }
            }
        }
    }
}
