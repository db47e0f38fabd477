import CAllocationCount
import Runtime
import TestSupport
import Testing

@testable import Convolution

/// Pushes whose channels two threads share allocate nothing, on either of them.
///
/// In a process of its own: the allocations of all of its threads are counted, and no other loop has the thread pool.
@Suite struct StreamAllocationTests {
    @Test func sharedPushesAllocateNothing() async {
        await #expect(processExitsWith: .success) {
            var generator = SplitMix64.announced(seed: 0xE1)
            let (channels, count) = (3, 2048)
            try #require(
                isWorthSpreading(nanoseconds: Double(channels * count * CostModel.streamedSample)))
            let kernel: [Float] = randomScalars(channels * 50_000, using: &generator)
            let input: [Float] = randomScalars(channels * count, using: &generator)
            var (samples, blocks, contexts) = try Threads.withCount(2) {
                (
                    try StreamingConvolution(kernel: kernel, channels: channels, kernelLength: 50_000),
                    try PartitionedConvolution(
                        kernel: kernel, channels: channels, kernelLength: 50_000, blockLength: 64),
                    try StreamingContextConvolution<Float>(channels: channels, kernelLength: 50_000)
                )
            }
            try withMemory(of: Float.self) { memory in
                let (input, output) = (memory.copy(input), memory.unwritten(channels * count))
                // Several largest tiles, several periods, and to behind the end of the kernel.
                try requireNoAllocationsOfProcess(pushes: 100) { samples.push(input, into: output) }
                try requireNoAllocationsOfProcess(pushes: 100) { blocks.push(input, into: output) }
                try requireNoAllocationsOfProcess(pushes: 100) {
                    contexts.push(input, kernel: input, into: output)
                }
            }
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
    // What runs the tests has threads of its own, which allocate now and then: in some of the rounds.
    let (rounds, pushesOfRound) = (5, pushes / 5)
    let counts = (0..<rounds).map { _ in
        let start = allocation_count_of_process()
        for _ in 0..<pushesOfRound { push() }
        return allocation_count_of_process() - start
    }
    #expect(counts.min()! < pushesOfRound / 2, "\(counts) allocations")
}

private func requireCounting(_ count: () -> Int) throws {
    let before = count()
    let probe = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    let counted = count() - before
    probe.deallocate()
    // Beside a sanitizer nothing is counted.
    try #require(before < 0 || counted >= 1)
}
