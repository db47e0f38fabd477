import Convolution
import Runtime

/// The memory of a tensor: aligned to 64 bytes, taken from and given back to a pool.
///
/// `@unchecked Sendable`: the memory is written only before the tensor that owns it is handed out, or while it is
/// referenced once; from then on it is only read, and reading needs no order.
final class Storage: @unchecked Sendable {
    let scalars: UnsafeMutableBufferPointer<Float>

    var count: Int { scalars.count }

    /// Memory for `count` scalars that hold anything.
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
