import Runtime
import TestSupport
import Testing

@testable import Convolution

/// Pushes whose channels two threads share allocate nothing, on either of them.
///
/// In a process of its own: the allocations of all of its threads are counted, and no other loop has the thread pool.
@Suite(.releaseOnly) struct StreamAllocationTests {
    private static let (channels, count) = (3, 2048)

    @Test func knownKernels() async {
        await #expect(processExitsWith: .success) {
            try Self.withPushes { kernel, input, output in
                let channels = Self.channels
                var (samples, blocks) = try Threads.withCount(2) {
                    (
                        try StreamingConvolution(kernel: kernel, channels: channels, kernelLength: 50_000),
                        try PartitionedConvolution(
                            kernel: kernel, channels: channels, kernelLength: 50_000, blockLength: 64)
                    )
                }
                let ofSamples = allocationsOfProcess(calls: 100) { samples.push(input, into: output) }
                #expect(ofSamples < 10)
                let ofBlocks = allocationsOfProcess(calls: 100) { blocks.push(input, into: output) }
                #expect(ofBlocks < 10)
            }
        }
    }

    @Test func contexts() async {
        await #expect(processExitsWith: .success) {
            try Self.withPushes { _, input, output in
                var contexts = try Threads.withCount(2) {
                    try StreamingContextConvolution<Float>(channels: Self.channels, kernelLength: 50_000)
                }
                let count = allocationsOfProcess(calls: 100) {
                    contexts.push(input, kernel: input, into: output)
                }
                #expect(count < 10)
            }
        }
    }

    /// Calls `body` with kernels and with the memory of pushes that threads share: several largest tiles, several periods, and
    /// to behind the end of the kernel.
    private static func withPushes(
        _ body: ([Float], UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) throws -> Void
    ) throws {
        var generator = SplitMix64.announced(seed: 0xE1)
        try #require(isWorthSpreading(nanoseconds: Double(channels * count * CostModel.streamedSample)))
        let kernel: [Float] = randomScalars(channels * 50_000, using: &generator)
        try withMemory(of: Float.self) { memory in
            let input = memory.copy(randomScalars(channels * count, using: &generator) as [Float])
            try body(kernel, input, memory.unwritten(channels * count))
        }
    }
}
