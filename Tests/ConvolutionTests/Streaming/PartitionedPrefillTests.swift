import TestSupport
import Testing

@testable import Convolution

/// Behind a beginning that is taken at once, a stream of blocks has the bits that it has behind pushes, and the beginning's
/// outputs are those of the batch.
@Suite struct PartitionedPrefillTests {
    private func check<Scalar: ConvolutionScalar>(
        kernelLength: Int, blockLength: Int, channels: Int, blocks: Int, _: Scalar.Type,
        using generator: inout SplitMix64
    ) throws {
        let kernel: [Scalar] = randomScalars(channels * kernelLength, using: &generator)
        let count = blocks * blockLength
        let beginning: [Scalar] = randomScalars(channels * count, using: &generator)
        let further: [Scalar] = randomScalars(channels * 5 * blockLength, using: &generator)
        var pushed = try PartitionedConvolution(
            kernel: kernel, channels: channels, kernelLength: kernelLength, blockLength: blockLength)
        var (prefilled, silent) = (pushed, pushed)
        let expected = pushed.push(beginning)
        let found = try prefilled.prefill(beginning)
        try beginning.withUnsafeBufferPointer { (samples) throws(ConvolutionError) in
            try silent.prefill(samples, into: nil)
        }
        for channel in 0..<channels where count > 0 {
            let reference = try StreamReference(
                batch: beginning.rows(channels)[channel], kernel.rows(channels)[channel])
            for outputs in [expected, found] {
                let error = reference.error(of: outputs.rows(channels)[channel], blocksOf: count)
                #expect(error <= Scalar.streamTolerance, "K = \(kernelLength), n = \(count)")
            }
        }
        #expect(
            prefilled.position == count && prefilled.state == pushed.state && silent.state == pushed.state)
        let next = pushed.push(further)
        #expect(prefilled.push(further) == next && silent.push(further) == next)
        // A stream that has begun takes blocks as they come.
        let more = pushed.push(further)
        #expect(try prefilled.prefill(further) == more)
    }

    @Test func everyLengthOfBeginnings() throws {
        var generator = SplitMix64.announced(seed: 0xD8)
        for (kernelLength, blockLength, channels) in [
            (1, 1, 1), (7, 3, 2), (100, 8, 3), (1000, 64, 2), (300, 100, 1),
        ] {
            let history = PartitionSchedule(kernelLength: kernelLength, blockLength: blockLength)
                .historyLength
            let blocks = history / blockLength
            for count in [0, 1, 2, blocks - 1, blocks, blocks + 1, blocks + 2, 2 * blocks + 1, 3 * blocks] {
                try check(
                    kernelLength: kernelLength, blockLength: blockLength, channels: channels, blocks: count,
                    Float.self, using: &generator)
                try check(
                    kernelLength: kernelLength, blockLength: blockLength, channels: channels, blocks: count,
                    Double.self, using: &generator)
            }
        }
    }
}
