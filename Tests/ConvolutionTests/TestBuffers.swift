/// Buffers at fixed places, for calls that take many of them. Made by ``withMemory(of:_:)``.
final class TestBuffers<Scalar: BinaryFloatingPoint> {
    private var buffers: [UnsafeMutableBufferPointer<Scalar>] = []

    /// A copy of an array.
    func copy(_ values: some Collection<some BinaryFloatingPoint>) -> UnsafeBufferPointer<Scalar> {
        let buffer = unwritten(values.count)
        _ = buffer.update(fromContentsOf: values.map { Scalar($0) })
        return UnsafeBufferPointer(buffer)
    }

    /// NaN: what is not written shows.
    func unwritten(_ count: Int) -> UnsafeMutableBufferPointer<Scalar> {
        let buffer = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: count)
        buffer.initialize(repeating: .nan)
        buffers.append(buffer)
        return buffer
    }

    fileprivate func free() { for buffer in buffers { buffer.deallocate() } }
}

/// Calls `body` with memory that lasts until it returns.
func withMemory<Scalar, Result>(
    of _: Scalar.Type, _ body: (TestBuffers<Scalar>) throws -> Result
) rethrows -> Result {
    let memory = TestBuffers<Scalar>()
    defer { memory.free() }
    return try body(memory)
}
