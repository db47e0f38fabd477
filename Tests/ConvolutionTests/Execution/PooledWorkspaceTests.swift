import Runtime
import TestSupport
import Testing

@testable import Convolution

/// Large workspaces come from the memory pool, so that repeated calls fault no fresh pages.
struct PooledWorkspaceTests {
    /// Whether `body` takes memory of this size from the shared pool, which shows by what it leaves there.
    private static func takes(byteCount: Int, _ body: () throws -> Void) rethrows -> Bool {
        let mark: UInt8 = 0x5A
        let memory = MemoryPool.shared.allocate(byteCount: byteCount)
        memory.initializeMemory(as: UInt8.self, repeating: mark, count: byteCount)
        // What is recycled last is allocated first.
        MemoryPool.shared.recycle(memory, byteCount: byteCount)
        try body()
        // The pool holds it again, or still.
        return !UnsafeRawBufferPointer(start: memory, count: byteCount).allSatisfy { $0 == mark }
    }

    /// The parts of a shared kernel's gradient, and the spectra of a dense pairing. In a process of its own: the pool is
    /// everyone's.
    @Test func gradientsTakeTheirMemoryFromThePool() async {
        await #expect(processExitsWith: .success) {
            Threads.count = 1
            var generator = SplitMix64.announced(seed: 0x9A)
            let shape = Shape(signal: [500], kernel: [400], boundary: .causal)
            let convolution: LongConvolution<Float> = try shape.convolution()
            let shared = Pairing.shared(batch: 128, channels: 1)
            let dense = Pairing.dense(batch: 2, inputs: 3, outputs: 4)
            let row = convolution.plan.preparedCount * MemoryLayout<Float>.stride
            let tasks = WorkPartition(pairing: shared, signalCount: 1).taskCount
            #expect(tasks > 1)
            for (pairing, rows) in [(shared, [tasks]), (dense, [6, 8, 12])] {
                let operands = try Operands<Float>(shape, pairing, using: &generator)
                _ = try operands.results(of: convolution)
                for count in rows {
                    let isTaken = try Self.takes(byteCount: count * row) {
                        _ = try operands.results(of: convolution)
                    }
                    #expect(isTaken, "\(count) spectra for \(pairing)")
                }
            }
        }
    }
}
