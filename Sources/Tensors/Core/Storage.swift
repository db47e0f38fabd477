import Runtime

/// The memory of a tensor: aligned to 64 bytes, allocated from a pool and recycled to it.
///
/// `@unchecked Sendable`: the memory is written only before the tensor that owns it is returned to a caller, or while
/// its reference count is 1; otherwise it is only read, and concurrent reads need no synchronization.
final class Storage: @unchecked Sendable {
    let scalars: UnsafeMutableBufferPointer<Float>

    var count: Int { scalars.count }

    /// Uninitialized memory for `count` scalars.
    init(count: Int) {
        let memory = MemoryPool.shared.allocate(byteCount: count * MemoryLayout<Float>.stride)
        scalars = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    }

    deinit {
        MemoryPool.shared.recycle(
            UnsafeMutableRawPointer(scalars.baseAddress!), byteCount: count * MemoryLayout<Float>.stride)
    }
}

/// Calls `body` with uninitialized memory for `count` scalars.
func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows
    -> Result
{
    let storage = Storage(count: count)
    return try withExtendedLifetime(storage) { try body(storage.scalars.baseAddress!) }
}
