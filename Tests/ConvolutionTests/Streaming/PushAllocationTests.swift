import TestSupport
import Testing

@testable import Convolution

/// Pushes on one thread allocate nothing, behind copies neither.
@Suite(.releaseOnly) struct PushAllocationTests {
    @Test func samples() throws {
        var generator = SplitMix64.announced(seed: 0xAA)
        let kernel: [Float] = randomScalars(3 * 3000, using: &generator)
        var stream = try Threads.withCount(1) {
            try StreamingConvolution(kernel: kernel, channels: 3, kernelLength: 3000)
        }
        withMemory(of: Float.self) { memory in
            let input = memory.copy(randomScalars(30, using: &generator) as [Float])
            let output = memory.unwritten(30)
            let count = allocations(calls: 1000) { stream.push(input, into: output) }
            #expect(count == 0)
            // Nor behind a copy, in either of the two.
            var copy = stream.copy()
            let withCopy = allocations(calls: 1000, countsFirst: true) {
                stream.push(input, into: output)
                copy.push(input, into: output)
            }
            #expect(withCopy == 0)
            #expect(copy.state == stream.state)
        }
    }

    @Test func blocks() throws {
        var generator = SplitMix64.announced(seed: 0xD6)
        let kernel: [Float] = randomScalars(3 * 150_000, using: &generator)
        var stream = try Threads.withCount(1) {
            try PartitionedConvolution(
                kernel: kernel, channels: 3, kernelLength: 150_000, blockLength: 32)
        }
        withMemory(of: Float.self) { memory in
            let input = memory.copy(randomScalars(96, using: &generator) as [Float])
            let output = memory.unwritten(96)
            let count = allocations(calls: 3000) { stream.push(input, into: output) }
            #expect(count == 0)
        }
    }

    /// Through the end of the kernel.
    @Test func contexts() throws {
        var generator = SplitMix64.announced(seed: 0xBA)
        var stream = try Threads.withCount(1) {
            try StreamingContextConvolution<Float>(channels: 3, kernelLength: 3000)
        }
        try withMemory(of: Float.self) { memory in
            let signal = memory.copy(randomScalars(30, using: &generator) as [Float])
            let kernel = memory.copy(randomScalars(30, using: &generator) as [Float])
            let output = memory.unwritten(30)
            func copies(of stream: StreamingContextConvolution<Float>) throws {
                var (copy, stream) = (stream.copy(), stream.copy())
                let ofCopies = allocations(calls: 500, countsFirst: true) {
                    stream.push(signal, kernel: kernel, into: output)
                    copy.push(signal, kernel: kernel, into: output)
                }
                #expect(ofCopies == 0)
                #expect(copy.state == stream.state)
            }
            // What an assignment shares is taken apart by the first push, also what the complete kernel will need.
            let assigned = stream
            stream.push(signal, kernel: kernel, into: output)
            try copies(of: stream)
            let count = allocations(calls: 1000) { stream.push(signal, kernel: kernel, into: output) }
            #expect(count == 0)
            try copies(of: stream)
            #expect(assigned.position == 0)
        }
    }
}
