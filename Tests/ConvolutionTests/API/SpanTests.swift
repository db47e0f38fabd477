import Convolution
import TestSupport
import Testing

/// Calls on spans have the bits of those on buffers and arrays.
@Suite struct SpanTests {
    private static let (batch, channels, length) = (3, 2, 40)

    @Test func convolutionsAndGradients() throws {
        var generator = SplitMix64.announced(seed: 0xF1)
        let count = Self.batch * Self.channels * Self.length
        let signal: [Float] = randomScalars(count, using: &generator)
        let kernel: [Float] = randomScalars(Self.channels * Self.length, using: &generator)
        let upstream: [Float] = randomScalars(count, using: &generator)
        let convolution = try LongConvolution<Float>(
            length: Self.length, kernelLength: Self.length, boundary: .causal)
        let pairing = Pairing.shared(batch: Self.batch, channels: Self.channels)
        var expected = [Float](repeating: 0, count: count)
        try convolution.apply(signal, kernel: kernel, pairing, into: &expected)
        let expectedGradients = try convolution.gradients(signal, kernel: kernel, pairing, upstream: upstream)

        var output = [Float](repeating: .nan, count: count)
        var outputs = output.mutableSpan
        let spectrum = try convolution.spectrum(of: kernel.span)
        try convolution.apply(signal.span, spectrum: spectrum, pairing, into: &outputs)
        #expect(sameBits(output, expected))

        // ∂signal[s] = Σ_t upstream[t] kernel[t - s], ∂kernel[s] = Σ upstream[t] signal[t - s] over the batch.
        for row in 0..<Self.batch * Self.channels {
            let first = row * Self.length, channel = row % Self.channels * Self.length
            for s in 0..<Self.length {
                let sum = (s..<Self.length).reduce(0) {
                    $0 + Double(upstream[first + $1]) * Double(kernel[channel + $1 - s])
                }
                // Errors of rows of 40 with elements of at most 1, by the documented bound: ε log2(80) 40.
                #expect(
                    abs(Double(expectedGradients.signal[first + s]) - sum)
                        <= 6.4 * 40 * Double(Float.ulpOfOne))
            }
        }
        var (dx, dk) = (output, kernel)
        var dxs = dx.mutableSpan
        var dks = dk.mutableSpan
        try convolution.gradients(
            signal.span, kernel: kernel.span, pairing, upstream: upstream.span, signalGradient: &dxs,
            kernelGradient: &dks)
        #expect(sameBits(dx, expectedGradients.signal) && sameBits(dk, expectedGradients.kernel))
    }

    @Test func streams() throws {
        var generator = SplitMix64.announced(seed: 0xF2)
        let samples: [Double] = randomScalars(Self.channels * 64, using: &generator)
        let kernel: [Double] = randomScalars(Self.channels * 64, using: &generator)
        var single = try StreamingConvolution(kernel: kernel, channels: Self.channels, kernelLength: 64)
        var blocks = try PartitionedConvolution(
            kernel: kernel, channels: Self.channels, kernelLength: 64, blockLength: 16)
        var context = try StreamingContextConvolution<Double>(channels: Self.channels, kernelLength: nil)
        var modes = StreamingStateSpace<Double>(
            modes: (1...Self.channels).map {
                DiagonalMode(factor: [0.3 * Double($0), 0.2], gain: [1, 0.5])
            },
            channels: Self.channels)
        func outputs(_ push: (inout MutableSpan<Double>) -> Void) -> [Double] {
            var outputs = [Double](repeating: .nan, count: samples.count)
            var span = outputs.mutableSpan
            push(&span)
            return outputs
        }
        var copies = (single.copy(), blocks.copy(), context.copy(), modes.copy())
        #expect(sameBits(outputs { single.push(samples.span, into: &$0) }, copies.0.push(samples)))
        #expect(sameBits(outputs { blocks.push(samples.span, into: &$0) }, copies.1.push(samples)))
        #expect(
            sameBits(
                outputs { context.push(samples.span, kernel: kernel.span, into: &$0) },
                copies.2.push(samples, kernel: kernel)))
        #expect(sameBits(outputs { modes.push(samples.span, into: &$0) }, copies.3.push(samples)))
    }
}
