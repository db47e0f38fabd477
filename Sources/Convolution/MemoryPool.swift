import Synchronization

/// Recycles memory that is aligned to 64 bytes: a fresh big array costs a page fault for every 4 KiB, which is more
/// than the arithmetic on it.
package final class MemoryPool: Sendable {
    /// The pool of the whole process; it keeps up to a quarter of the machine's memory.
    package static let shared = MemoryPool(capacity: Machine.memory / 4)

    private struct Shelves: ~Copyable {
        var free: [Int: [SendablePointer]] = [:]
        var byteCount = 0
    }

    private let shelves = Guarded(Shelves())
    /// How many bytes the pool keeps at most; what comes back beyond goes to the system.
    private let capacity: Int
    /// Whether memory is filled with NaN before it is handed out: tests find what relies on its contents.
    private let poisons = Atomic<Bool>(false)

    package init(capacity: Int) { self.capacity = capacity }

    /// Memory of at least `byteCount` bytes that hold anything.
    package func take(byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.sizeClass(byteCount)
        let recycled: SendablePointer? = shelves.withLock { shelves in
            guard let memory = shelves.free[size]?.popLast() else { return nil }
            shelves.byteCount -= size
            return memory
        }
        let memory = recycled?.memory ?? allocateMemory(byteCount: size)
        if poisons.load(ordering: .relaxed) {
            memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: size)
        }
        return memory
    }

    /// Takes back what ``take(byteCount:)`` handed out for the same count.
    package func giveBack(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let size = Self.sizeClass(byteCount)
        let returned = SendablePointer(memory: memory)
        let isKept = shelves.withLock { shelves in
            guard shelves.byteCount + size <= capacity else { return false }
            shelves.free[size, default: []].append(returned)
            shelves.byteCount += size
            return true
        }
        if !isKept { deallocateMemory(memory, byteCount: size) }
    }

    /// Fills all memory with NaN before it is handed out, from now on or no longer.
    package func poison(_ poisons: Bool) { self.poisons.store(poisons, ordering: .relaxed) }

    /// The next of the sizes 4, 5, 6, 7 times a power of two, at least 64 bytes: at most a quarter is wasted.
    static func sizeClass(_ byteCount: Int) -> Int {
        guard byteCount > 64 else { return 64 }
        let step = 1 << max(6, Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 3)
        return (byteCount + step - 1) / step * step
    }
}

/// `@unchecked Sendable`: whoever takes the memory out of the pool is its only holder.
private struct SendablePointer: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
}
