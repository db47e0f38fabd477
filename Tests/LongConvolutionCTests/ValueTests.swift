import CLongConvolution
import Convolution
import TestSupport
import Testing

@testable import LongConvolutionC

/// Values and gradients through the C interface against direct sums.
@Suite struct ValueTests {
    static let boundaries = [
        LONGCONV_CAUSAL, LONGCONV_CENTRED, LONGCONV_CIRCULAR, LONGCONV_FULL, LONGCONV_VALID,
    ]

    /// Computes everything, and compares it with its definition.
    private func check<Scalar: ConvolutionScalar>(
        _ shape: Case, _: Scalar.Type, using generator: inout some RandomNumberGenerator
    ) throws {
        let call = try Call<Scalar>(shape, using: &generator)
        try call.apply()
        try call.gradients()
        #expect(call.largestError <= call.tolerance, "\(shape): \(call.largestError)")
        for (operand, memory) in call.memory {
            #expect(memory.isUntouchedElsewhere, "\(operand) of \(shape)")
        }
    }

    private func checkInBothPrecisions(
        _ shape: Case, using generator: inout some RandomNumberGenerator
    ) throws {
        var shape = shape
        shape.isSinglePrecision = true
        try check(shape, Float.self, using: &generator)
        shape.isSinglePrecision = false
        try check(shape, Double.self, using: &generator)
    }

    /// Each boundary, center, orientation and pairing, by sums and by transforms, contiguous.
    @Test(arguments: boundaries)
    func contiguous(_ boundary: longconv_boundary) throws {
        var generator = SplitMix64.announced(seed: 0xC1)
        let extents = [([13], [5]), ([40], [32]), ([40], [40]), ([6, 9], [2, 4]), ([12, 9], [9, 8])]
        for (signal, kernel) in extents where boundary != LONGCONV_CAUSAL || signal.count == 1 {
            for orientation in [LONGCONV_CONVOLUTION, LONGCONV_CORRELATION] {
                for center in [LONGCONV_CENTER_UPPER, LONGCONV_CENTER_LOWER] {
                    for isPerSample in [false, true] {
                        try checkInBothPrecisions(
                            Case(
                                boundary: boundary, center: center, orientation: orientation,
                                isPerSample: isPerSample, signal: signal, kernel: kernel),
                            using: &generator)
                    }
                }
            }
        }
    }

    /// Any combination of strides: axes in any order, with gaps, backwards, inputs repeated; with any parts.
    @Test func anyLayout() throws {
        var generator = SplitMix64.announced(seed: 0xC2)
        for _ in 0..<800 {
            var shape = Case()
            let isPlane = Bool.random(using: &generator)
            shape.boundary = Self.boundaries.randomElement(using: &generator)!
            if isPlane, shape.boundary == LONGCONV_CAUSAL { shape.boundary = LONGCONV_FULL }
            shape.signal = (0..<(isPlane ? 2 : 1)).map { _ in
                Int.random(in: 1...(isPlane ? 9 : 50), using: &generator)
            }
            shape.kernel = shape.signal.map { Int.random(in: 1...$0, using: &generator) }
            shape.batch = Int.random(in: 1...3, using: &generator)
            shape.channels = Int.random(in: 1...20, using: &generator)
            shape.isPerSample = Bool.random(using: &generator)
            shape.orientation = Bool.random(using: &generator) ? LONGCONV_CONVOLUTION : LONGCONV_CORRELATION
            shape.center = Bool.random(using: &generator) ? LONGCONV_CENTER_UPPER : LONGCONV_CENTER_LOWER
            addParts(&shape, using: &generator)
            for operand in Operand.described where Int.random(in: 0..<3, using: &generator) > 0 {
                shape.strides[operand.rawValue] = randomStrides(
                    shape.counts(operand), repeats: !operand.isWritten, using: &generator)
            }
            try checkInBothPrecisions(shape, using: &generator)
        }
    }

    /// Random parts that go with the boundary.
    private func addParts(_ shape: inout Case, using generator: inout some RandomNumberGenerator) {
        var flags = UInt32.random(in: 0..<16, using: &generator)
        if shape.boundary == LONGCONV_FULL || shape.boundary == LONGCONV_VALID {
            flags &= ~LONGCONV_HAS_SKIP.rawValue
        }
        if shape.boundary != LONGCONV_CAUSAL || shape.orientation != LONGCONV_CONVOLUTION {
            flags &= ~LONGCONV_IS_BIDIRECTIONAL.rawValue
        }
        shape.flags = flags
        if shape.has(LONGCONV_IS_BIDIRECTIONAL) { shape.lag = Int.random(in: 0...1, using: &generator) }
    }

    /// Every combination of parts.
    @Test(arguments: 0..<16 as Range<UInt32>)
    func parts(_ flags: UInt32) throws {
        var generator = SplitMix64.announced(seed: 0xC3)
        for length in [1, 2, 13, 30, 64] {
            for kernelLength in [1, 2, 7, 30, 67] {
                for isPerSample in [false, true] {
                    for lag in 0...(flags & LONGCONV_IS_BIDIRECTIONAL.rawValue != 0 ? 1 : 0) {
                        try checkInBothPrecisions(
                            Case(
                                isPerSample: isPerSample, flags: flags, lag: lag, signal: [length],
                                kernel: [kernelLength]),
                            using: &generator)
                    }
                }
            }
        }
    }

    /// How output, upstream and the signal's gradient lie in memory.
    enum Lying: CaseIterable { case contiguous, channelsLast, withGaps }

    /// What the output gate multiplies is written beside the same outputs, and gradients that read it have the bits of those that
    /// compute it again: however the other operands lie, for planes, and for rows that are copied in several tiles.
    @Test(
        arguments: [
            Case(flags: 2, signal: [40], kernel: [40]), Case(flags: 15, lag: 1, signal: [33], kernel: [31]),
            Case(boundary: LONGCONV_FULL, flags: 3, signal: [9, 8], kernel: [5, 4]),
            Case(isPerSample: true, flags: 7, batch: 3, channels: 40, signal: [8000], kernel: [600]),
        ], Lying.allCases)
    func keptUngatedOutputs(_ shape: Case, _ lying: Lying) throws {
        var generator = SplitMix64.announced(seed: 0xC8)
        for strided in [[Operand.output], [.upstream], [.output, .upstream, .signalGradient]] {
            var shape = shape
            for operand in strided {
                shape.strides[operand.rawValue] = Self.strides(shape.counts(operand), lying)
            }
            let call = try Call<Double>(shape, using: &generator)
            try call.apply()
            try call.gradients()
            let before = call.results
            for (operand, values) in before { call.memory[operand]!.write(values.map { _ in .nan }) }
            let ungated = StridedMemory<Double>(counts: shape.counts(.ungatedOutput), strides: nil)
            var operands = call.operands(shape.inputs + [.output])
            operands[.ungatedOutput] = UnsafeMutableRawPointer(ungated.pointer)
            try succeed(longconv_apply(call.plan.handle, &operands), "\(shape)")
            operands = call.operands(shape.inputs + [.upstream] + shape.gradients)
            operands[.keptUngatedOutput] = UnsafeMutableRawPointer(ungated.pointer)
            try succeed(longconv_gradients(call.plan.handle, &operands), "\(shape)")
            #expect(call.results == before, "\(shape)")
            let gate = call.memory[.outputGate]!.values
            let gated = zip(ungated.values, gate).map(*)
            #expect(gated == before[.output]!, "\(shape)")
        }
    }

    private static func strides(_ counts: [Int], _ lying: Lying) -> [Int]? {
        let (channels, count) = (counts[1], counts[2...].reduce(1, *))
        let axes = counts.count == 4 ? [counts[3], 1] : [1]
        return switch lying {
        case .contiguous: nil
        case .channelsLast: [channels * count, 1] + axes.map { $0 * channels }
        case .withGaps: [channels * (count + 3), count + 3] + axes
        }
    }

    /// Each gradient has the same bits whether or not others are wanted.
    @Test func wantedGradients() throws {
        var generator = SplitMix64.announced(seed: 0xC4)
        let shape = Case(flags: 15, lag: 1, signal: [33], kernel: [31])
        let all = try Call<Double>(shape, using: &generator)
        try all.gradients()
        for gradient in shape.gradients {
            let memory = all.memory[gradient]!
            let before = memory.values
            memory.write(before.map { _ in .nan })
            try all.gradients([gradient])
            #expect(memory.values == before, "\(gradient)")
        }
    }

    /// Rows that are copied in several tiles have the same bits as contiguous ones; kernels' gradients, whose sums are cut
    /// otherwise, the same to rounding.
    @Test(arguments: [false, true])
    func tiles(isPerSample: Bool) throws {
        var generator = SplitMix64.announced(seed: 0xC5)
        let shape = Case(isPerSample: isPerSample, batch: 3, channels: 40, signal: [8000], kernel: [2000])
        let contiguous = try Call<Double>(shape, using: &generator)
        var strided = shape
        for operand in [Operand.signal, .output, .upstream, .signalGradient] {
            // Channels last.
            strided.strides[operand.rawValue] = [shape.channels * shape.signal[0], 1, shape.channels]
        }
        var same = try Call<Double>(strided, using: &generator)
        for operand in [Operand.signal, .kernel, .upstream] {
            same.memory[operand]!.write(contiguous.memory[operand]!.scalars)
        }
        for call in [contiguous, same] {
            try call.apply()
            try call.gradients()
        }
        let (a, b) = (contiguous.results, same.results)
        #expect(a[.output]! == b[.output]!)
        #expect(a[.signalGradient]! == b[.signalGradient]!)
        let scale = contiguous.memory[.signal]!.values.count
        for (left, right) in zip(a[.kernelGradient]!, b[.kernelGradient]!) {
            // A sum of at most that many products of at most 1.
            #expect(abs(left - right) <= Double.ulpOfOne * Double(scale))
        }
        same.threads = 1
        try same.apply()
        try same.gradients()
        #expect(same.results == b)
    }

    /// The first outputs are exact where that is wanted.
    @Test func exactHead() throws {
        var generator = SplitMix64.announced(seed: 0xC6)
        let call = try Call<Float>(
            Case(isSinglePrecision: true, exactHead: 4, batch: 1, channels: 1, signal: [500], kernel: [500]),
            using: &generator)
        // A tail that dwarfs the head.
        var signal = call.memory[.signal]!.scalars
        for index in 4..<500 { signal[index] *= 1e6 }
        call.memory[.signal]!.write(signal)
        try call.apply()
        let (computed, exact) = (call.results[.output]!, call.exact[.output]!)
        for index in 0..<4 {
            // 4 ε of the sum of the terms' magnitudes, each at most 1.
            #expect(abs(computed[index] - exact[index]) <= 4 * Double(Float.ulpOfOne) * Double(index + 1))
        }
    }

    /// No rows: nothing is read, and the gradients of sums over no samples are zero.
    @Test func emptyBatches() throws {
        var generator = SplitMix64.announced(seed: 0xC7)
        for (batch, channels) in [(0, 3), (2, 0), (0, 0)] {
            for isPerSample in [false, true] {
                var shape = Case(isPerSample: isPerSample, flags: 15, batch: batch, channels: channels)
                shape.strides[Operand.kernelGradient.rawValue] = [-40, 7, -1]
                let call = try Call<Double>(shape, using: &generator)
                try call.apply()
                try call.gradients()
                for gradient in shape.gradients {
                    #expect(call.results[gradient]!.allSatisfy { $0 == 0 })
                    #expect(call.memory[gradient]!.isUntouchedElsewhere)
                }
                var none = noOperands()
                none.kernel = nil
                if channels == 0 { #expect(longconv_apply(call.plan.handle, &none) == LONGCONV_OK) }
            }
        }
    }
}
