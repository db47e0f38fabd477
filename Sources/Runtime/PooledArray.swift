/// An array of trivial scalars from the process's memory pool: aligned to 64 bytes, with any contents at first, recycled
/// with its last reference.
///
/// `@unchecked Sendable`: it belongs to one call, which gives each of its parts to one worker at a time.
package final class PooledArray<Scalar>: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Scalar>
    private let byteCount: Int

    /// An array of `count` scalars.
    package init(count: Int) {
        byteCount = max(count, 1) * MemoryLayout<Scalar>.stride
        pointer = MemoryPool.shared.allocate(byteCount: byteCount).bindMemory(
            to: Scalar.self, capacity: max(count, 1))
    }

    deinit { MemoryPool.shared.recycle(pointer, byteCount: byteCount) }
}
