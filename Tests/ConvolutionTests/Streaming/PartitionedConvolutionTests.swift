import TestSupport
import Testing

@testable import Convolution

/// A stream of blocks returns the convolution at every position, and spreads its work.
@Suite struct PartitionedConvolutionTests {
    private func check<Scalar: ConvolutionScalar>(
        kernelLength: Int, blockLength: Int, channels: Int = 2, blocks: Int, _: Scalar.Type,
        using generator: inout SplitMix64
    ) throws {
        let count = blocks * blockLength
        let kernel: [Scalar] = randomScalars(channels * kernelLength, using: &generator)
        let samples: [Scalar] = randomScalars(channels * count, using: &generator)
        var stream = try PartitionedConvolution(
            kernel: kernel, channels: channels, kernelLength: kernelLength, blockLength: blockLength)
        let outputs = streamed(
            samples, channels: channels, next: { blockLength * Int.random(in: 0...3, using: &generator) },
            push: { stream.push($0) })
        #expect(stream.position == count)
        for channel in 0..<channels {
            let (signal, kernel) = (samples.rows(channels)[channel], kernel.rows(channels)[channel])
            let reference =
                count > 4000 ? try StreamReference(batch: signal, kernel) : StreamReference(signal, kernel)
            let error = reference.error(
                of: outputs.rows(channels)[channel],
                blocksOf: blockLength > CostModel.longestDirectPart ? blockLength : 1)
            #expect(
                error <= Scalar.streamTolerance,
                "K = \(kernelLength), N = \(blockLength), channel \(channel), \(Scalar.self)")
        }
    }

    @Test(.releaseOnly) func everyKernelLength() throws {
        var generator = SplitMix64.announced(seed: 0xD1)
        for kernelLength in 1...300 {
            let blockLength = [1, 2, 3, 5, 8, 16, 20, 32, 64, 100][kernelLength % 10]
            let blocks = 4 * max(kernelLength, 64) / blockLength + 3
            try check(
                kernelLength: kernelLength, blockLength: blockLength, blocks: blocks, Float.self,
                using: &generator)
            try check(
                kernelLength: kernelLength, blockLength: blockLength, blocks: blocks, Double.self,
                using: &generator)
        }
    }

    /// Parts that are transformed in small units.
    @Test(arguments: [(65_536, 64), (100_000, 48), (40_000, 1000)])
    func longKernels(kernelLength: Int, blockLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0xD2)
        try check(
            kernelLength: kernelLength, blockLength: blockLength, blocks: 3 * kernelLength / blockLength,
            Float.self, using: &generator)
        try check(
            kernelLength: kernelLength, blockLength: blockLength, channels: 1,
            blocks: 3 * kernelLength / blockLength, Double.self, using: &generator)
    }

    /// The parts cover each tap once, and none is due before it can be ready.
    @Test func schedules() {
        for blockLength in [1, 7, 64] {
            for kernelLength in Array(1...1000) + [65_536, 262_144, 1 << 20] {
                let schedule = PartitionSchedule(kernelLength: kernelLength, blockLength: blockLength)
                var end = 0
                for (index, level) in schedule.levels.enumerated() {
                    #expect(level.size == blockLength << index)
                    #expect(level.firstTap == end && level.firstTap >= 2 * level.size - 2 * blockLength)
                    end += level.parts * level.size
                }
                #expect(end >= kernelLength && end - schedule.levels.last!.size < kernelLength)
            }
        }
    }

    @Test(arguments: [(1, 16), (200, 16), (5000, 10)])
    func savedAndCopied(kernelLength: Int, blockLength: Int) throws {
        var generator = SplitMix64.announced(seed: 0xD3)
        let kernel: [Float] = randomScalars(3 * kernelLength, using: &generator)
        let fresh = try PartitionedConvolution(
            kernel: kernel, channels: 3, kernelLength: kernelLength, blockLength: blockLength)
        for _ in 0..<8 {
            let before = blockLength * Int.random(in: 0...3 * fresh.period + 5, using: &generator)
            let first: [Float] = randomScalars(3 * before, using: &generator)
            let second: [Float] = randomScalars(3 * blockLength * (2 * fresh.period + 7), using: &generator)
            var stream = fresh
            _ = stream.push(first)
            let state = stream.state
            var copy = stream
            let outputs = stream.push(second)
            #expect(sameBits(copy.push(second), outputs), "a copy at \(before)")
            var resumed = fresh
            _ = resumed.push(second)
            try resumed.restore(state)
            #expect(sameBits(resumed.push(second), outputs), "resumed at \(before)")
            #expect(resumed.state == stream.state)
            copy.reset()
            _ = copy.push(first)
            #expect(sameBits(copy.push(second), outputs), "after a reset")
        }
    }

    @Test func notANumber() throws {
        var generator = SplitMix64.announced(seed: 0xD4)
        let (kernelLength, count) = (700, 8000)
        let kernel: [Float] = randomScalars(2 * kernelLength, using: &generator)
        let clean: [Float] = randomScalars(2 * count, using: &generator)
        let fresh = try PartitionedConvolution(
            kernel: kernel, channels: 2, kernelLength: kernelLength, blockLength: 32)
        var stream = fresh
        let expected = stream.push(clean).rows(2)
        for place in [0, 31, 32, 1000, 2047] {
            var samples = clean
            samples[count + place] = .nan
            stream = fresh
            let outputs = stream.push(samples).rows(2)
            #expect(sameBits(outputs[0], expected[0]), "the other channel")
            let past = place / 32 * 32
            #expect(sameBits(Array(outputs[1][..<past]), Array(expected[1][..<past])), "the past")
            #expect(outputs[1][place..<place + kernelLength].allSatisfy { $0.isNaN })
            let end = place + 2 * kernelLength + 2 * 32
            #expect(sameBits(Array(outputs[1][end...]), Array(expected[1][end...])), "the future")
        }
    }

    @Test func threads() throws {
        var generator = SplitMix64.announced(seed: 0xD5)
        let kernel: [Float] = randomScalars(5 * 5000, using: &generator)
        let samples: [Float] = randomScalars(5 * 20_480, using: &generator)
        let outputs = try [1, 3].map { count in
            try Threads.withCount(count) {
                var stream = try PartitionedConvolution(
                    kernel: kernel, channels: 5, kernelLength: 5000, blockLength: 64)
                return streamed(samples, channels: 5, next: { 2560 }, push: { stream.push($0) })
            }
        }
        #expect(sameBits(outputs[0], outputs[1]))
    }

    @Test func refusals() async throws {
        let kernel: [Float] = [1, 2, 3, 4]
        var stream = try PartitionedConvolution(
            kernel: kernel, channels: 1, kernelLength: 4, blockLength: 2)
        _ = stream.push([1, 2, 3, 4])
        let good = stream.state
        for change: (inout StreamingState<Float>) -> Void in [
            { $0.form = .sample }, { $0.blockLength = 4 }, { $0.phase = 99 }, { $0.position = 3 },
            { $0.kernelChecksum += 1 }, { $0.values.append(0) },
        ] {
            var state = good
            change(&state)
            #expect(throws: StreamingError.self) { try stream.restore(state) }
            #expect(stream.state == good)
        }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var stream = try PartitionedConvolution<Float>(
                kernel: [1, 2], channels: 1, kernelLength: 2, blockLength: 4)
            _ = stream.push([1, 2, 3])
        }
        #expect(says("expected blocks of 4 samples, got 3 samples", result?.standardErrorContent))
    }
}
