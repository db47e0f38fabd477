import CAllocationCount
import Runtime
import TestSupport
import Testing

@testable import Convolution

/// Pushes whose channels two threads share allocate nothing, on either of them.
///
/// In a process of its own: the allocations of all of its threads are counted, and no other loop has the thread pool.
@Suite struct StreamAllocationTests {
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
                try requireNoAllocationsOfProcess(pushes: 100) { samples.push(input, into: output) }
                try requireNoAllocationsOfProcess(pushes: 100) { blocks.push(input, into: output) }
            }
        }
    }

    @Test func contexts() async {
        await #expect(processExitsWith: .success) {
            try Self.withPushes { _, input, output in
                var contexts = try Threads.withCount(2) {
                    try StreamingContextConvolution<Float>(channels: Self.channels, kernelLength: 50_000)
                }
                try requireNoAllocationsOfProcess(pushes: 100) {
                    contexts.push(input, kernel: input, into: output)
                }
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

/// Expects that none of many calls allocates memory on this thread; the first is not counted.
func requireNoAllocations(pushes: Int, _ push: () -> Void) throws {
    push()
    try requireCounting(allocation_count)
    let start = allocation_count()
    for _ in 0..<pushes { push() }
    #expect(allocation_count() == start)
}

/// Expects that none of many calls allocates memory on any thread of the process; the first is not counted.
private func requireNoAllocationsOfProcess(pushes: Int, _ push: () -> Void) throws {
    push()
    try requireCounting(allocation_count_of_process)
    let start = allocation_count_of_process()
    for _ in 0..<pushes { push() }
    // What runs the tests has threads of its own, which may allocate a little now and then.
    let count = allocation_count_of_process() - start
    #expect(count < pushes / 10, "\(count) allocations")
}

private func requireCounting(_ count: () -> Int) throws {
    let before = count()
    let probe = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    let counted = count() - before
    probe.deallocate()
    // Beside a sanitizer nothing is counted.
    try #require(before < 0 || counted >= 1)
}
