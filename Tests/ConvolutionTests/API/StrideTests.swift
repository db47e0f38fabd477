import TestSupport
import Testing

@testable import Convolution

/// Operands that lie in memory in other ways than as contiguous batches.
@Suite struct StrideTests {
    private static let (batch, channels, length, kernelLength) = (3, 4, 21, 9)

    /// Rows of `rowCount` scalars, `samples · channels` of them, where `strides` put them, among values that must not
    /// be read or written.
    private static func spread(
        _ rows: [Double], samples: Int, channels: Int, rowCount: Int, _ strides: RowStrides
    ) -> [Double] {
        let count = (samples - 1) * strides.sample + (channels - 1) * strides.channel + rowCount
        var memory = [Double](repeating: .nan, count: count)
        for sample in 0..<samples {
            for channel in 0..<channels {
                for element in 0..<rowCount {
                    memory[sample * strides.sample + channel * strides.channel + element] =
                        rows[(sample * channels + channel) * rowCount + element]
                }
            }
        }
        return memory
    }

    private static func pairing(_ isShared: Bool) -> Pairing {
        isShared
            ? .shared(batch: batch, channels: channels) : .perSample(batch: batch, channels: channels)
    }

    /// Samples first with gaps, channels first, and a slice of the channels: the same bits as contiguous operands, and
    /// nothing between the rows is touched.
    @Test(arguments: [true, false], [Boundary.causal, .full, .valid])
    func bits(isShared: Bool, boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x5712)
        let (batch, channels) = (Self.batch, Self.channels)
        let convolution = try LongConvolution<Double>(
            length: Self.length, kernelLength: Self.kernelLength, boundary: boundary)
        let outputLength = convolution.outputExtents[0]
        let kernelSamples = isShared ? 1 : batch
        func random(_ count: Int) -> [Double] {
            (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
        }
        let signal = random(batch * channels * Self.length)
        let kernel = random(kernelSamples * channels * Self.kernelLength)
        let upstream = random(batch * channels * outputLength)
        let pairing = Self.pairing(isShared)
        var output = [Double](repeating: 0, count: upstream.count)
        try convolution.apply(signal, kernel: kernel, pairing, into: &output)
        let gradients = try convolution.gradients(signal, kernel: kernel, pairing, upstream: upstream)

        func layouts(_ samples: Int, _ rowCount: Int) -> [RowStrides] {
            [
                RowStrides(sample: channels * (rowCount + 3) + 5, channel: rowCount + 3),
                RowStrides(sample: rowCount + 1, channel: samples * (rowCount + 1)),
                RowStrides(sample: 2 * channels * rowCount, channel: rowCount),
            ]
        }
        for number in 0..<3 {
            // Gradients lie as their operands, or otherwise.
            let (ofSignal, ofKernel) = (
                layouts(batch, Self.length), layouts(kernelSamples, Self.kernelLength)
            )
            let strides = OperandStrides(
                signal: ofSignal[number], kernel: ofKernel[(number + 1) % 3],
                output: layouts(batch, outputLength)[(number + 2) % 3],
                signalGradient: number == 0 ? nil : ofSignal[(number + 1) % 3],
                kernelGradient: number == 0 ? nil : ofKernel[number % 3])
            func spreadSignal(_ rows: [Double], _ strides: RowStrides?) -> [Double] {
                Self.spread(rows, samples: batch, channels: channels, rowCount: Self.length, strides!)
            }
            func spreadKernel(_ rows: [Double], _ strides: RowStrides?) -> [Double] {
                Self.spread(
                    rows, samples: kernelSamples, channels: channels, rowCount: Self.kernelLength, strides!)
            }
            let (dxStrides, dkStrides) = (
                strides.signalGradient ?? strides.signal, strides.kernelGradient ?? strides.kernel
            )
            func spreadOutput(_ rows: [Double]) -> [Double] {
                Self.spread(
                    rows, samples: batch, channels: channels, rowCount: outputLength, strides.output!)
            }
            let (x, k, g) = (
                spreadSignal(signal, strides.signal), spreadKernel(kernel, strides.kernel),
                spreadOutput(upstream)
            )
            var y = spreadOutput([Double](repeating: 7, count: upstream.count))
            var dx = spreadSignal([Double](repeating: 7, count: signal.count), dxStrides)
            var dk = spreadKernel([Double](repeating: 7, count: kernel.count), dkStrides)
            try x.withUnsafeBufferPointer { x in
                try k.withUnsafeBufferPointer { k in
                    try y.withUnsafeMutableBufferPointer {
                        try convolution.apply(x, kernel: k, pairing, into: $0, strides: strides)
                    }
                    try g.withUnsafeBufferPointer { g in
                        try dx.withUnsafeMutableBufferPointer { dx in
                            try dk.withUnsafeMutableBufferPointer { dk in
                                try convolution.gradients(
                                    x, kernel: k, pairing, upstream: g, signalGradient: dx,
                                    kernelGradient: dk, strides: strides)
                            }
                        }
                    }
                }
            }
            func bits(_ values: [Double]) -> [UInt64] { values.map(\.bitPattern) }
            #expect(bits(y) == bits(spreadOutput(output)), "layout \(number)")
            #expect(bits(dx) == bits(spreadSignal(gradients.signal, dxStrides)), "layout \(number)")
            #expect(bits(dk) == bits(spreadKernel(gradients.kernel, dkStrides)), "layout \(number)")
        }
    }

    /// An input at distance 0 is repeated.
    @Test func repeatedSignal() throws {
        var generator = SplitMix64.announced(seed: 0x5713)
        let convolution = try LongConvolution<Double>(length: 16, kernelLength: 16, boundary: .causal)
        let row = (0..<16).map { _ in Double.random(in: -1...1, using: &generator) }
        let kernel = (0..<64).map { _ in Double.random(in: -1...1, using: &generator) }
        let pairing = Pairing.shared(batch: 2, channels: 4)
        var (expected, output) = ([Double](repeating: 0, count: 128), [Double](repeating: 0, count: 128))
        try convolution.apply(
            Array(repeatElement(row, count: 8).joined()), kernel: kernel, pairing, into: &expected)
        try row.withUnsafeBufferPointer { row in
            try kernel.withUnsafeBufferPointer { kernel in
                try output.withUnsafeMutableBufferPointer {
                    try convolution.apply(
                        row, kernel: kernel, pairing, into: $0,
                        strides: OperandStrides(signal: RowStrides(sample: 0, channel: 0)))
                }
            }
        }
        #expect(output == expected)
    }

    /// Two rows of 8: signals must lie within their buffer, outputs apart from each other.
    @Test(arguments: [
        (signalCount: 24, signalDistance: 16, outputDistance: 8, fits: true), (23, 16, 8, false),
        (24, 16, 7, false),
    ])
    func distancesThatDoNotFitTrap(
        signalCount: Int, signalDistance: Int, outputDistance: Int, fits: Bool
    ) async {
        await #expect(processExitsWith: fits ? .success : .failure) {
            [signalCount, signalDistance, outputDistance] in
            let convolution = try LongConvolution<Float>(length: 8, kernelLength: 8, boundary: .causal)
            let x = [Float](repeating: 1, count: signalCount)
            let k = [Float](repeating: 1, count: 16)
            var y = [Float](repeating: 0, count: 16)
            try x.withUnsafeBufferPointer { x in
                try k.withUnsafeBufferPointer { k in
                    try y.withUnsafeMutableBufferPointer {
                        try convolution.apply(
                            x, kernel: k, .shared(batch: 1, channels: 2), into: $0,
                            strides: OperandStrides(
                                signal: RowStrides(sample: 32, channel: signalDistance),
                                output: RowStrides(sample: 16, channel: outputDistance)))
                    }
                }
            }
        }
    }
}
