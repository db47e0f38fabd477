import CLongConvolution
import TestSupport
import Testing

@testable import LongConvolutionC

/// Pushes through the C interface allocate nothing.
@Suite struct CPushAllocationTests {
    /// Pushes of single samples and of whole blocks allocate nothing, in place or not, with channels side by side or apart, behind a
    /// copy neither.
    @Test(arguments: [0, 64])
    func allocatesNothing(block: Int) throws {
        var generator = SplitMix64.announced(seed: 0x5B)
        // With more threads a push may find those of the pool busy.
        let stream = try TestStream<Float>(block: block, kernelLength: 3000, threads: 1, using: &generator)
        // The first push of a process fills caches of the language's runtime.
        _ = try stream.again().push(0..<64)
        let count = 64
        let input = [Float](repeating: 1, count: 3 * (count + 5))
        var output = input
        try input.withUnsafeBufferPointer { input in
            try output.withUnsafeMutableBufferPointer { output in
                let (source, target) = (input.baseAddress!, output.baseAddress!)
                for (first, second, strides) in [
                    (source, target, (count, count)), (source, target, (count + 5, count)),
                    (UnsafePointer(target), target, (count + 5, count + 5)),
                ] {
                    let copy = try stream.copy()
                    let (handle, handleOfCopy) = (stream.handle, copy.handle)
                    var statuses = 0
                    func push(_ handle: OpaquePointer) {
                        let status = longconv_stream_push(
                            handle, Int64(count), first, Int64(strides.0), second, Int64(strides.1))
                        statuses += status == LONGCONV_OK ? 1 : 0
                    }
                    func push() {
                        push(handle)
                        push(handleOfCopy)
                    }
                    // What is staged needs memory once.
                    if strides != (count, count) { push() }
                    let allocated = allocations(calls: 100, countsFirst: true, push)
                    #expect(allocated == 0)
                    #expect(statuses == (strides == (count, count) ? 200 : 202))
                }
            }
        }
    }
}
