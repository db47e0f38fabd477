import Synchronization

/// A pool of memory aligned to 64 bytes: a fresh large array costs a page fault for every 4 KiB, which takes longer
/// than the arithmetic on it.
package final class MemoryPool: Sendable {
    /// The pool of the process; it keeps up to a quarter of the machine's memory.
    package static let shared = MemoryPool(limit: Machine.memory / 4, isHeldAcrossForks: true)

    private struct Lists: ~Copyable {
        var free: [Int: [SendablePointer]] = [:]
        var byteCount = 0
        var limit: Int
    }

    private let lists: LockedValue<Lists>
    /// Whether memory is filled with NaN before it is handed out: tests find what relies on its contents.
    private let poisons = Atomic<Bool>(false)

    /// An empty pool that keeps up to `limit` bytes.
    package init(limit: Int, isHeldAcrossForks: Bool = false) {
        lists = LockedValue(Lists(limit: limit), isHeldAcrossForks: isHeldAcrossForks)
    }

    /// Memory of at least `byteCount` bytes with any contents.
    package func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.sizeClass(byteCount)
        let recycled: SendablePointer? = lists.withLock { lists in
            guard let memory = lists.free[size]?.popLast() else { return nil }
            lists.byteCount -= size
            return memory
        }
        let memory = recycled?.memory ?? allocateMemory(byteCount: size)
        if poisons.load(ordering: .relaxed) {
            memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: size)
        }
        return memory
    }

    /// Keeps what ``allocate(byteCount:)`` returned for the same count, or frees it if the pool is full.
    package func recycle(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let size = Self.sizeClass(byteCount)
        let returned = SendablePointer(memory: memory)
        let isKept = lists.withLock { lists in
            guard lists.byteCount + size <= lists.limit else { return false }
            lists.free[size, default: []].append(returned)
            lists.byteCount += size
            return true
        }
        if !isKept { deallocateMemory(memory, byteCount: size) }
    }

    /// The bytes that the pool keeps at present.
    package var byteCount: Int { lists.withLock { $0.byteCount } }

    /// The bytes that the pool keeps at most; lowering it frees what exceeds it.
    package var limit: Int {
        get { lists.withLock { $0.limit } }
        set {
            lists.withLock { $0.limit = newValue }
            free(downTo: newValue)
        }
    }

    /// Returns to the system what the pool keeps, largest allocations first, until at most `limit` bytes are left.
    package func free(downTo limit: Int = 0) {
        // Collected under the lock, freed outside of it: returning large memory to the system takes long.
        let freed: [(SendablePointer, Int)] = lists.withLock { lists in
            var freed: [(SendablePointer, Int)] = []
            for size in lists.free.keys.sorted(by: >) {
                while lists.byteCount > limit, let memory = lists.free[size]?.popLast() {
                    freed.append((memory, size))
                    lists.byteCount -= size
                }
            }
            return freed
        }
        for (pointer, size) in freed { deallocateMemory(pointer.memory, byteCount: size) }
    }

    /// Fills all memory with NaN before it is handed out, from now on or no longer.
    package func poison(_ poisons: Bool) { self.poisons.store(poisons, ordering: .relaxed) }

    /// The next of the sizes 4, 5, 6, 7 times a power of two, at least 64 bytes: at most a quarter is wasted.
    package static func sizeClass(_ byteCount: Int) -> Int {
        guard byteCount > 64 else { return 64 }
        let step = 1 << max(6, Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 3)
        return (byteCount + step - 1) / step * step
    }
}

/// `@unchecked Sendable`: whoever takes the memory out of the pool is its only holder.
private struct SendablePointer: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
}
