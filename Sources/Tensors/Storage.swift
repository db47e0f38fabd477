import Foundation
import Synchronization

/// The memory of a tensor: aligned to 64 bytes, taken from and given back to a pool.
///
/// `@unchecked Sendable`: the memory is written only before the tensor that owns it is handed out, or while it is
/// referenced once; from then on it is only read, and reading needs no order.
final class Storage: @unchecked Sendable {
    let scalars: UnsafeMutableBufferPointer<Float>

    var count: Int { scalars.count }

    /// Memory for `count` scalars that hold anything.
    init(count: Int) {
        let memory = MemoryPool.shared.take(byteCount: count * MemoryLayout<Float>.stride)
        scalars = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    }

    deinit {
        MemoryPool.shared.giveBack(
            UnsafeMutableRawPointer(scalars.baseAddress!), byteCount: count * MemoryLayout<Float>.stride)
    }
}

/// Recycles memory: a fresh big array costs a page fault for every 4 KiB, which is more than the arithmetic on it.
final class MemoryPool: Sendable {
    /// For all tensors of the process: keeps up to a quarter of the machine's memory.
    static let shared = MemoryPool(
        capacity: Int(clamping: ProcessInfo.processInfo.physicalMemory / 4))

    private struct Shelves: ~Copyable {
        var free: [Int: [UnsafeMutableRawPointer]] = [:]
        var byteCount = 0
    }

    private let shelves = Mutex(Shelves())
    /// How many bytes the pool keeps at most; what comes back beyond goes to the system.
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func take(byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.sizeClass(byteCount)
        let recycled: SendablePointer? = shelves.withLock { shelves in
            guard let memory = shelves.free[size]?.popLast() else { return nil }
            shelves.byteCount -= size
            return SendablePointer(memory)
        }
        return recycled?.memory ?? .allocate(byteCount: size, alignment: 64)
    }

    func giveBack(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let size = Self.sizeClass(byteCount)
        let returned = SendablePointer(memory)
        let isKept = shelves.withLock { shelves in
            guard shelves.byteCount + size <= capacity else { return false }
            shelves.free[size, default: []].append(returned.memory)
            shelves.byteCount += size
            return true
        }
        if !isKept { memory.deallocate() }
    }

    /// The next of the sizes 4, 5, 6, 7 times a power of two, at least 64 bytes: at most a quarter is wasted.
    static func sizeClass(_ byteCount: Int) -> Int {
        guard byteCount > 64 else { return 64 }
        let step = 1 << max(6, Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 3)
        return (byteCount + step - 1) / step * step
    }
}

/// Carries a pointer over a closure's edge.
///
/// `@unchecked Sendable`: whoever takes the memory out of the pool is its only holder.
private struct SendablePointer: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    init(_ memory: UnsafeMutableRawPointer) { self.memory = memory }
}
