import TestSupport
import Testing

@testable import Convolution

/// A stream with known kernels returns the convolution at every position, however its samples arrive.
@Suite struct StreamingConvolutionTests {
    private func check<Scalar: ConvolutionScalar>(
        kernelLength: Int, channels: Int = 2, _: Scalar.Type, using generator: inout SplitMix64
    ) throws {
        let count = 3 * max(kernelLength, 16) + Int.random(in: 0..<100, using: &generator)
        let kernel: [Scalar] = randomScalars(channels * kernelLength, using: &generator)
        let samples: [Scalar] = randomScalars(channels * count, using: &generator)
        var stream = try StreamingConvolution(kernel: kernel, channels: channels, kernelLength: kernelLength)
        let outputs = streamed(
            samples, channels: channels, next: { Int.random(in: 0...70, using: &generator) },
            push: { stream.push($0) })
        #expect(stream.position == count)
        for channel in 0..<channels {
            let reference = StreamReference(samples.rows(channels)[channel], kernel.rows(channels)[channel])
            let error = reference.error(of: outputs.rows(channels)[channel])
            #expect(
                error <= Scalar.streamTolerance, "K = \(kernelLength), channel \(channel), \(Scalar.self)")
        }
    }

    @Test(.releaseOnly) func everyKernelLength() throws {
        var generator = SplitMix64.announced(seed: 0xA1)
        for kernelLength in 1...300 {
            try check(kernelLength: kernelLength, Float.self, using: &generator)
            try check(kernelLength: kernelLength, Double.self, using: &generator)
        }
    }

    @Test(.releaseOnly) func longKernel() throws {
        var generator = SplitMix64.announced(seed: 0xA2)
        func check<Scalar: ConvolutionScalar>(_: Scalar.Type) throws {
            let kernel: [Scalar] = randomScalars(65_536, using: &generator)
            let samples: [Scalar] = randomScalars(200_000, using: &generator)
            var stream = try StreamingConvolution(kernel: kernel, channels: 1, kernelLength: kernel.count)
            let outputs = streamed(
                samples, channels: 1, next: { Int.random(in: 1...3000, using: &generator) },
                push: { stream.push($0) })
            let error = try StreamReference(batch: samples, kernel).error(of: outputs)
            print("\(Scalar.self): error \(error)")
            #expect(error <= Scalar.streamTolerance)
        }
        try check(Float.self)
        try check(Double.self)
    }

    /// x[t+1] is made of y[t].
    @Test(arguments: [1, 20, 129, 300])
    func feedback(kernelLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0xA3)
        let kernel: [Double] = randomScalars(kernelLength, using: &generator)
        var stream = try StreamingConvolution(kernel: kernel, channels: 1, kernelLength: kernelLength)
        var samples = [1.0], outputs: [Double] = []
        for _ in 0..<2000 {
            let y = stream.push([samples.last!])[0]
            outputs.append(y)
            samples.append(Double.random(in: 0.5...1, using: &generator) - 0.3 * y / (1 + abs(y)))
        }
        let error = StreamReference(Array(samples.dropLast()), kernel).error(of: outputs)
        #expect(error <= Double.streamTolerance)
    }

    /// The same bits whatever the split, also into the memory of the samples.
    @Test func splits() throws {
        var generator = SplitMix64.announced(seed: 0xA4)
        let kernel: [Float] = randomScalars(3 * 500, using: &generator)
        let samples: [Float] = randomScalars(3 * 1700, using: &generator)
        let whole = try StreamingConvolution(kernel: kernel, channels: 3, kernelLength: 500)
        var atOnce = whole
        let outputs = atOnce.push(samples)
        for length in [1, 7, 16, 64, 499] {
            var stream = whole
            let split = streamed(
                samples, channels: 3, next: { length }, push: { stream.push($0) })
            #expect(sameBits(split, outputs), "pushes of \(length)")
        }
        var stream = whole
        var inPlace = samples
        inPlace.withUnsafeMutableBufferPointer { stream.push(UnsafeBufferPointer($0), into: $0) }
        #expect(sameBits(inPlace, outputs))
        stream.reset()
        #expect(stream.position == 0 && sameBits(stream.push(samples), outputs), "after a reset")
    }

    /// Copies and restored states continue by themselves, with the same bits.
    @Test(arguments: [1, 15, 63, 64, 65, 300, 1000])
    func savedAndCopied(kernelLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0xA5)
        let kernel: [Float] = randomScalars(2 * kernelLength, using: &generator)
        let fresh = try StreamingConvolution(kernel: kernel, channels: 2, kernelLength: kernelLength)
        for _ in 0..<20 {
            let before: [Float] = randomScalars(
                2 * Int.random(in: 0...3000, using: &generator), using: &generator)
            let after: [Float] = randomScalars(2 * 2500, using: &generator)
            var stream = fresh
            _ = stream.push(before)
            let state = stream.state
            var copy = stream
            let outputs = stream.push(after)
            #expect(sameBits(copy.push(after), outputs), "a copy at \(before.count / 2)")
            var resumed = fresh
            _ = resumed.push(after)
            try resumed.restore(state)
            #expect(sameBits(resumed.push(after), outputs), "resumed at \(before.count / 2)")
            #expect(resumed.state == stream.state)
        }
    }

    @Test func prefixes() throws {
        var generator = SplitMix64.announced(seed: 0xA6)
        for kernelLength in [1, 2, 17, 18, 64, 66, 129, 130, 300] {
            let kernel: [Double] = randomScalars(2 * kernelLength, using: &generator)
            for count in [0, 1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 129, 300, 511, 512, 513, 1300] {
                let samples: [Double] = randomScalars(2 * (count + 700), using: &generator)
                let rows = samples.rows(2)
                var stream = try StreamingConvolution(
                    kernel: kernel, channels: 2, kernelLength: kernelLength)
                var silent = stream
                let prefix = rows.flatMap { $0[..<count] }, rest = rows.flatMap { $0[count...] }
                let first = try stream.prefill(prefix).rows(2), second = stream.push(rest).rows(2)
                #expect(stream.position == count + 700)
                for channel in 0..<2 {
                    let error = StreamReference(rows[channel], kernel.rows(2)[channel])
                        .error(of: first[channel] + second[channel])
                    #expect(error <= Double.streamTolerance, "K = \(kernelLength), a prefix of \(count)")
                }
                try prefix.withUnsafeBufferPointer { try silent.prefill($0, into: nil) }
                #expect(sameBits(silent.push(rest), second.flatMap { $0 }), "without outputs")
            }
        }
    }

    /// A prefix for a stream that has begun.
    @Test func latePrefix() throws {
        var generator = SplitMix64.announced(seed: 0xA7)
        let kernel: [Float] = randomScalars(200, using: &generator)
        let samples: [Float] = randomScalars(1000, using: &generator)
        var stream = try StreamingConvolution(kernel: kernel, channels: 1, kernelLength: 200)
        var other = stream
        let outputs = other.push(samples)
        #expect(sameBits(stream.push(Array(samples[..<10])), Array(outputs[..<10])))
        #expect(sameBits(try stream.prefill(Array(samples[10..<400])), Array(outputs[10..<400])))
        try samples[400..<700].withUnsafeBufferPointer { try stream.prefill($0, into: nil) }
        #expect(sameBits(stream.push(Array(samples[700...])), Array(outputs[700...])))
    }

    @Test(arguments: [1, 40, 200])
    func notANumber(kernelLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0xA8)
        let kernel: [Float] = randomScalars(2 * kernelLength, using: &generator)
        let clean: [Float] = randomScalars(2 * 3000, using: &generator)
        let fresh = try StreamingConvolution(kernel: kernel, channels: 2, kernelLength: kernelLength)
        var stream = fresh
        let expected = stream.push(clean).rows(2)
        for place in [0, 1, 500, 777, 1023] {
            for value in [Float.nan, .infinity] {
                var samples = clean
                samples[3000 + place] = value
                stream = fresh
                let outputs = stream.push(samples).rows(2)
                #expect(sameBits(outputs[0], expected[0]), "the other channel")
                #expect(sameBits(Array(outputs[1][..<place]), Array(expected[1][..<place])), "the past")
                #expect(outputs[1][place..<place + kernelLength].allSatisfy { !$0.isFinite })
                let end = place + 4 * max(kernelLength, 16)
                #expect(sameBits(Array(outputs[1][end...]), Array(expected[1][end...])), "the future")
            }
        }
    }

    @Test func threads() throws {
        var generator = SplitMix64.announced(seed: 0xA9)
        let kernel: [Float] = randomScalars(5 * 5000, using: &generator)
        let samples: [Float] = randomScalars(5 * 20_000, using: &generator)
        let outputs = try [1, 2, 4].map { count in
            try Threads.withCount(count) {
                var stream = try StreamingConvolution(kernel: kernel, channels: 5, kernelLength: 5000)
                return streamed(samples, channels: 5, next: { 2500 }, push: { stream.push($0) })
            }
        }
        #expect(sameBits(outputs[0], outputs[1]) && sameBits(outputs[0], outputs[2]))
    }
}
