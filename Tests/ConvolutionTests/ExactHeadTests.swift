import TestSupport
import Testing

@testable import Convolution

/// The first outputs of a causal row, each accurate by itself: to 4·ε of the sum of its terms' magnitudes.
@Suite struct ExactHeadTests {
    private func check<Scalar: ConvolutionScalar>(
        _ signal: [Scalar], _ kernel: [Scalar], exactHead: Int, _ label: String
    ) throws {
        let convolution = try LongConvolution<Scalar>(
            length: signal.count, kernelLength: kernel.count, boundary: .causal, exactHead: exactHead)
        let output = try convolution(signal, kernel)
        let exact = try SampledConvolution(
            Shape(signal: [signal.count], kernel: [kernel.count], boundary: .causal))
        for t in 0..<min(exactHead, signal.count) {
            let (value, magnitude) = exact.output(t, signal, kernel)
            #expect(
                abs(Widest(output[t]) - value) <= 4 * Widest(Scalar.ulpOfOne) * magnitude,
                "output \(t) of \(label)")
        }
    }

    /// Rows that grow: rounding relative to the largest output would drown the first ones.
    private func growing<Scalar: ConvolutionScalar>(
        _ count: Int, using generator: inout SplitMix64
    ) -> [Scalar] {
        let noise: [Scalar] = randomScalars(count, using: &generator)
        return noise.enumerated().map { index, value in index < count / 2 ? value : 1e4 * value }
    }

    @Test(arguments: [1000, 100_000])
    func growingRows(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x81)
        for kernelLength in [1, 24, 25, 40, 64, 65, length] {
            let label = "length \(length), kernel length \(kernelLength)"
            try check(
                growing(length, using: &generator) as [Float],
                randomScalars(kernelLength, using: &generator), exactHead: 64, label)
            try check(
                growing(length, using: &generator) as [Double],
                randomScalars(kernelLength, using: &generator), exactHead: 64, label)
        }
    }

    /// Terms that plain summation loses one by one: each is below half an ulp of the first.
    @Test(arguments: [10, 20, 24, 25, 100])
    func termsThatPlainSumsLose(kernelLength: Int) throws {
        func rows<Scalar: ConvolutionScalar>(_: Scalar.Type) -> (signal: [Scalar], kernel: [Scalar]) {
            let small = [Scalar](repeating: 0.49 * Scalar.ulpOfOne, count: 199)
            return ([1] + small, [Scalar](repeating: 1, count: kernelLength))
        }
        let (float, double) = (rows(Float.self), rows(Double.self))
        try check(float.signal, float.kernel, exactHead: 200, "kernel length \(kernelLength)")
        #if arch(x86_64)
        try check(double.signal, double.kernel, exactHead: 200, "kernel length \(kernelLength)")
        #endif
    }

    /// Longer than the row, and than the kernel; and the longest there is.
    @Test func extents() throws {
        var generator = SplitMix64.announced(seed: 0x82)
        for (length, kernelLength) in [(1, 1), (1, 40), (30, 30), (30, 90), (300, 26), (300, 300)] {
            for exactHead in [1, 29, LongConvolution<Float>.longestExactHead] {
                try check(
                    randomScalars(length, using: &generator) as [Float],
                    randomScalars(kernelLength, using: &generator), exactHead: exactHead,
                    "length \(length), kernel length \(kernelLength), head \(exactHead)")
            }
        }
    }

    /// What follows the head is what it is without one.
    @Test func theRestIsAsBefore() throws {
        var generator = SplitMix64.announced(seed: 0x83)
        let signal: [Float] = randomScalars(500, using: &generator)
        let kernel: [Float] = randomScalars(500, using: &generator)
        let plain = try LongConvolution<Float>(length: 500, kernelLength: 500, boundary: .causal)(
            signal, kernel)
        let headed = try LongConvolution<Float>(
            length: 500, kernelLength: 500, boundary: .causal, exactHead: 64)(signal, kernel)
        #expect(sameBits(Array(plain[64...]), Array(headed[64...])))
        #expect(!sameBits(Array(plain[..<64]), Array(headed[..<64])))
    }

    /// Context kernels have an exact head, too.
    @Test func contextKernels() throws {
        var generator = SplitMix64.announced(seed: 0x84)
        let length = 1000
        let convolution = try LongConvolution<Float>(
            length: length, kernelLength: length, boundary: .causal, exactHead: 64)
        let signal: [Float] = growing(length, using: &generator)
        let kernel: [Float] = randomScalars(length, using: &generator)
        let factor: [Float] = randomScalars(length, using: &generator)
        var output = [Float](repeating: .nan, count: length)
        try signal.withUnsafeBufferPointer { signal in
            try kernel.withUnsafeBufferPointer { kernel in
                try factor.withUnsafeBufferPointer { factor in
                    try output.withUnsafeMutableBufferPointer {
                        try convolution.applyContextKernel(
                            kernel, factor: factor, to: [signal], batch: 1, channels: 1, into: [$0])
                    }
                }
            }
        }
        let exact = try SampledConvolution(
            Shape(signal: [length], kernel: [length], boundary: .causal))
        let product = zip(kernel, factor).map { $0 * $1 }
        for t in 0..<64 {
            let (value, magnitude) = exact.output(t, signal, product)
            #expect(abs(Widest(output[t]) - value) <= 4 * Widest(Float.ulpOfOne) * magnitude, "output \(t)")
        }
    }

    /// Infinities, and products and sums that overflow, spoil only the outputs that meet them; see
    /// `infinitiesInTheHead`, which compares with plain sums.
    @Test func knownInfinities() throws {
        func head<Scalar: ConvolutionScalar>(_ signal: [Scalar], _ kernel: [Scalar]) throws -> [Scalar] {
            try LongConvolution<Scalar>(
                length: signal.count, kernelLength: kernel.count, boundary: .causal, exactHead: 256)(
                    signal, kernel)
        }
        let infinity = Float.infinity
        #expect(try head([1, infinity, 1], [1, 1, 1]) == [1, infinity, infinity])
        #expect(try head([3e38, 0], [2, 1] as [Float]) == [infinity, 3e38])
        #expect(try head([1.7e308, 0], [2, 1] as [Double]) == [.infinity, 1.7e308])
        #expect(try head([3e38, 3e38, 0], [1, 1, 0] as [Float]) == [3e38, infinity, 3e38])
        let signs: [Float] = [1, -1]
        let difference = try head(signs.map { $0 * infinity } + [1], [1, 1, 1])
        #expect(difference[0] == infinity && difference[1].isNaN && difference[2].isNaN)
    }

    /// Each head output is infinite or NaN exactly where the plain sum of its products is, on rows for the direct path and
    /// for spectra, by kernels and by their spectra.
    @Test(arguments: [3, 24, 25, 100, 1000])
    func infinitiesInTheHead(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x85)
        let convolution = try LongConvolution<Float>(
            length: length, kernelLength: length, boundary: .causal, exactHead: 64)
        for (intruder, place) in [
            (Float.infinity, 1), (.nan, 2), (-.infinity, 20), (.infinity, 0), (3e38, 1),
        ] {
            for isInKernel in [false, true] {
                var signal: [Float] = randomScalars(length, using: &generator)
                var kernel = signal.map { $0 < 0 ? $0 - 2 : $0 + 2 }
                if isInKernel {
                    kernel[min(place, length - 1)] = intruder
                } else {
                    signal[min(place, length - 1)] = intruder
                }
                let output = try convolution(signal, kernel)
                let fromSpectrum = try withMemory(of: Float.self) { memory in
                    let output = memory.unwritten(length)
                    try convolution.apply(
                        memory.copy(signal), spectrum: convolution.spectrum(of: memory.copy(kernel)),
                        .shared(batch: 1, channels: 1), into: output)
                    return Array(output)
                }
                for t in 0..<min(64, length) {
                    var sum: Float = 0
                    for s in 0...t { sum += kernel[s] * signal[t - s] }
                    let label = Comment(
                        rawValue: "output \(t) of \(length), \(intruder) at \(place): \(output[t]), \(sum)")
                    #expect(sum.isFinite ? output[t].isFinite : same(output[t], sum), label)
                    #expect(same(output[t], fromSpectrum[t]), label)
                }
            }
        }
    }

    private func same(_ a: Float, _ b: Float) -> Bool { a == b || a.isNaN && b.isNaN }

    /// Outputs of the direct path meet only what their sums hold, zeros beyond the row's ends included.
    @Test func reachOfInfinitiesInDirectSums() throws {
        let convolution = try LongConvolution<Float>(length: 40, kernelLength: 3, boundary: .causal)
        var signal = [Float](repeating: 1, count: 40)
        signal[10] = .infinity
        let output = try convolution(signal, [1, 2, 3])
        #expect(output.indices.allSatisfy { output[$0].isFinite != (10...12).contains($0) })
        let gradients = try convolution.gradients(
            [Float](repeating: 1, count: 40), kernel: [1, 2, 3], .shared(batch: 1, channels: 1),
            upstream: signal)
        #expect(
            gradients.signal.indices.allSatisfy { gradients.signal[$0].isFinite != (8...10).contains($0) })
    }
}
