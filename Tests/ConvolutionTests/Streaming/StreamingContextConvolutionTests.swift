import TestSupport
import Testing

@testable import Convolution

/// A stream whose kernels arrive with it returns the convolution of what has arrived at every position.
@Suite struct StreamingContextConvolutionTests {
    /// A stream's operands, and how they are fed.
    private struct Feed<Scalar: ConvolutionScalar> {
        let channels: Int
        let signal: [Scalar]
        let kernel: [Scalar]
        var count: Int { signal.count / channels }

        init(channels: Int, count: Int, using generator: inout SplitMix64) {
            self.channels = channels
            signal = randomScalars(channels * count, using: &generator)
            kernel = randomScalars(channels * count, using: &generator)
        }

        /// A range of all rows.
        func part(_ range: Range<Int>) -> (signal: [Scalar], kernel: [Scalar]) {
            (
                signal.rows(channels).flatMap { $0[range] }, kernel.rows(channels).flatMap { $0[range] }
            )
        }

        /// The outputs of the given range.
        func outputs(
            of stream: inout StreamingContextConvolution<Scalar>, _ range: Range<Int>, next: () -> Int
        ) -> [[Scalar]] {
            var outputs = Array(repeating: [Scalar](), count: channels)
            var t = range.lowerBound
            while t < range.upperBound {
                let end = min(range.upperBound, t + next())
                let part = part(t..<end)
                for (channel, row) in stream.push(part.signal, kernel: part.kernel).rows(channels)
                    .enumerated()
                {
                    outputs[channel] += row
                }
                t = end
            }
            return outputs
        }

        /// The largest error of all outputs.
        func error(of outputs: [[Scalar]], kernelLength: Int?) throws -> Double {
            try (0..<channels).reduce(0) { largest, channel in
                let kernel = Array(kernel.rows(channels)[channel].prefix(kernelLength ?? count))
                let signal = signal.rows(channels)[channel]
                let reference =
                    count > 4000
                    ? try StreamReference(batch: signal, kernel) : StreamReference(signal, kernel)
                return max(largest, reference.error(of: outputs[channel]))
            }
        }
    }

    private func check<Scalar: ConvolutionScalar>(
        count: Int, kernelLength: Int?, channels: Int = 2, longestPush: Int = 70, _: Scalar.Type,
        using generator: inout SplitMix64
    ) throws {
        let feed = Feed<Scalar>(channels: channels, count: count, using: &generator)
        var stream = try StreamingContextConvolution<Scalar>(channels: channels, kernelLength: kernelLength)
        let outputs = feed.outputs(
            of: &stream, 0..<count, next: { Int.random(in: 0...longestPush, using: &generator) })
        #expect(stream.position == count)
        let error = try feed.error(of: outputs, kernelLength: kernelLength)
        #expect(
            error <= Scalar.streamTolerance,
            "\(count) samples, K = \(kernelLength.map(String.init) ?? "unlimited"), \(Scalar.self)")
    }

    @Test(.releaseOnly) func everyLength() throws {
        var generator = SplitMix64.announced(seed: 0xB1)
        for count in 1...200 {
            try check(count: count, kernelLength: nil, Float.self, using: &generator)
            try check(count: count, kernelLength: nil, Double.self, using: &generator)
        }
    }

    /// Kernels that end while the stream goes on.
    @Test(.releaseOnly) func everyKernelLength() throws {
        var generator = SplitMix64.announced(seed: 0xB2)
        for kernelLength in Array(1...200) + [255, 256, 257, 511] {
            let count = 3 * kernelLength + 40
            try check(count: count, kernelLength: kernelLength, Float.self, using: &generator)
            try check(count: count, kernelLength: kernelLength, Double.self, using: &generator)
        }
    }

    @Test(.releaseOnly, arguments: [nil, 16_384, 5000])
    func longStreams(kernelLength: Int?) throws {
        var generator = SplitMix64.announced(seed: 0xB3)
        try check(
            count: 16_384 + 7, kernelLength: kernelLength, channels: 1, longestPush: 3000, Float.self,
            using: &generator)
        try check(
            count: 16_384 + 7, kernelLength: kernelLength, channels: 1, longestPush: 3000, Double.self,
            using: &generator)
    }

    /// Both rows are made of the outputs.
    @Test func feedback() throws {
        var generator = SplitMix64.announced(seed: 0xB4)
        for kernelLength in [nil, 300] {
            var stream = try StreamingContextConvolution<Double>(channels: 1, kernelLength: kernelLength)
            var signal = [1.0], kernel = [0.5], outputs: [Double] = []
            for _ in 0..<1500 {
                let y = stream.push([signal.last!], kernel: [kernel.last!])[0]
                outputs.append(y)
                let bounded = y / (1 + abs(y))
                signal.append(Double.random(in: -1...1, using: &generator) + bounded)
                kernel.append(Double.random(in: -1...1, using: &generator) - bounded)
            }
            let taps = Array(kernel.prefix(kernelLength ?? 1500))
            let error = StreamReference(Array(signal.prefix(1500)), taps).error(of: outputs)
            #expect(error <= Double.streamTolerance)
        }
    }

    @Test func splits() throws {
        var generator = SplitMix64.announced(seed: 0xB5)
        let feed = Feed<Float>(channels: 3, count: 2500, using: &generator)
        for kernelLength in [nil, 1000] {
            let fresh = try StreamingContextConvolution<Float>(channels: 3, kernelLength: kernelLength)
            var stream = fresh
            let whole = feed.outputs(of: &stream, 0..<2500, next: { 2500 })
            for length in [1, 63, 64, 300] {
                var stream = fresh
                let split = feed.outputs(of: &stream, 0..<2500, next: { length })
                #expect(sameBits(split.flatMap { $0 }, whole.flatMap { $0 }), "pushes of \(length)")
            }
            stream.reset()
            #expect(stream.position == 0)
            let again = feed.outputs(of: &stream, 0..<2500, next: { 2500 })
            #expect(sameBits(again.flatMap { $0 }, whole.flatMap { $0 }), "after a reset")
        }
    }

    @Test func savedAndCopied() throws {
        var generator = SplitMix64.announced(seed: 0xB6)
        let feed = Feed<Float>(channels: 2, count: 4000, using: &generator)
        for kernelLength in [nil, 1, 64, 65, 700] {
            let fresh = try StreamingContextConvolution<Float>(channels: 2, kernelLength: kernelLength)
            for place in [0, 1, 62, 63, 64, 126, 127, 699, 700, 1023, 1024, 1500] {
                var stream = fresh
                _ = feed.outputs(of: &stream, 0..<place, next: { 1000 })
                let state = stream.state
                var copy = stream
                let outputs = feed.outputs(of: &stream, place..<4000, next: { 333 }).flatMap { $0 }
                let ofCopy = feed.outputs(of: &copy, place..<4000, next: { 100 }).flatMap { $0 }
                #expect(sameBits(ofCopy, outputs), "a copy at \(place)")
                for used in [0, 3000] {
                    var resumed = fresh
                    _ = feed.outputs(of: &resumed, 0..<used, next: { 500 })
                    try resumed.restore(state)
                    let ofResumed = feed.outputs(of: &resumed, place..<4000, next: { 64 }).flatMap { $0 }
                    #expect(sameBits(ofResumed, outputs), "resumed at \(place)")
                    #expect(resumed.state == stream.state)
                }
            }
        }
    }

    @Test func prefixes() throws {
        var generator = SplitMix64.announced(seed: 0xB7)
        for kernelLength in [nil, 1, 63, 130, 1000] {
            for place in [0, 1, 2, 3, 62, 63, 64, 127, 128, 130, 500, 1023, 1100] {
                let feed = Feed<Double>(channels: 2, count: place + 900, using: &generator)
                var stream = try StreamingContextConvolution<Double>(
                    channels: 2, kernelLength: kernelLength)
                let prefix = feed.part(0..<place)
                let first = try stream.prefill(prefix.signal, kernel: prefix.kernel).rows(2)
                let second = feed.outputs(of: &stream, place..<feed.count, next: { 200 })
                let error = try feed.error(
                    of: zip(first, second).map { $0 + $1 }, kernelLength: kernelLength)
                #expect(error <= Double.streamTolerance, "a prefix of \(place), K = \(kernelLength ?? 0)")
            }
        }
    }

    @Test func notANumber() throws {
        var generator = SplitMix64.announced(seed: 0xB8)
        let clean = Feed<Float>(channels: 2, count: 3000, using: &generator)
        for kernelLength in [nil, 200] {
            let fresh = try StreamingContextConvolution<Float>(channels: 2, kernelLength: kernelLength)
            var stream = fresh
            let expected = clean.outputs(of: &stream, 0..<3000, next: { 500 })
            for place in [0, 63, 190, 700] {
                var signal = clean.signal
                signal[3000 + place] = .nan
                stream = fresh
                let outputs = stream.push(signal, kernel: clean.kernel).rows(2)
                #expect(sameBits(outputs[0], expected[0]), "the other channel")
                #expect(sameBits(Array(outputs[1][..<place]), Array(expected[1][..<place])), "the past")
                #expect(outputs[1][place..<place + (kernelLength ?? 3000 - place)].allSatisfy { $0.isNaN })
                if let kernelLength {
                    let end = max(place, kernelLength) + 4 * kernelLength
                    #expect(sameBits(Array(outputs[1][end...]), Array(expected[1][end...])), "the future")
                }
            }
        }
    }

    @Test func threads() throws {
        var generator = SplitMix64.announced(seed: 0xB9)
        let feed = Feed<Float>(channels: 5, count: 9000, using: &generator)
        for kernelLength in [nil, 3000] {
            let outputs = try [1, 3].map { count in
                try Threads.withCount(count) {
                    var stream = try StreamingContextConvolution<Float>(
                        channels: 5, kernelLength: kernelLength)
                    return feed.outputs(of: &stream, 0..<9000, next: { 1500 }).flatMap { $0 }
                }
            }
            #expect(sameBits(outputs[0], outputs[1]))
        }
    }
}
