import Testing

@testable import Convolution

/// The public settings of the memory pool. In a process of their own: the pool is the process's.
@Suite struct MemoryTests {
    @Test func poolIsBoundedAndFreed() async {
        await #expect(processExitsWith: .success) {
            let convolution = try LongConvolution<Float>(length: 5000, kernelLength: 5000, boundary: .causal)
            let row = [Float](repeating: 1, count: 5000)
            let output = try convolution(row, row)
            #expect(Memory.pooledByteCount > 0)
            Memory.releasePool()
            #expect(Memory.pooledByteCount == 0)
            // The workspace of one row fits no more and is returned to the system.
            Memory.poolLimit = 4096
            #expect(try convolution(row, row) == output)
            #expect(Memory.poolLimit == 4096 && Memory.pooledByteCount <= 4096)
        }
    }
}
