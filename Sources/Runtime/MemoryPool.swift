import Synchronization

/// A pool of memory aligned to 64 bytes: a fresh large array costs a page fault for every 4 KiB, which takes longer
/// than the arithmetic on it.
///
/// What is recycled is kept, so a loop whose steps need the same sizes maps memory in its first step alone, whatever it needs. What
/// is kept makes room when other sizes are needed: before memory is mapped that would bring the pool, kept and in use, above its
/// capacity, or take the last of the system's available memory, as much of what is kept is freed.
package final class MemoryPool: Sendable {
    /// The pool of the process; three quarters of the memory that the process may use are its capacity and its limit.
    package static let shared = MemoryPool(
        limit: Machine.memory / 4 * 3, capacity: Machine.memory / 4 * 3,
        availableMemory: { Machine.availableMemory }, isHeldAcrossForks: true)

    private struct Lists: ~Copyable {
        var free: [Int: [SendablePointer]] = [:]
        var byteCount = 0
        var byteCountInUse = 0
        var limit: Int

        /// Takes pieces out of the lists, the largest first, until at most `limit` bytes are left.
        mutating func removed(downTo limit: Int) -> [(SendablePointer, Int)] {
            guard byteCount > limit else { return [] }
            var removed: [(SendablePointer, Int)] = []
            for size in free.keys.sorted(by: >) {
                while byteCount > limit, let memory = free[size]?.popLast() {
                    removed.append((memory, size))
                    byteCount -= size
                }
            }
            return removed
        }
    }

    private let lists: LockedValue<Lists>
    /// Whether memory is filled with NaN before it is handed out: tests find what relies on its contents.
    private let poisons = Atomic<Bool>(false)

    private let capacity: Int
    private let availableMemory: @Sendable () -> Int?

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - limit: the bytes that it keeps at most.
    ///   - capacity: the bytes, kept and in use, above which nothing is kept.
    ///   - availableMemory: the bytes that the system could map, if they are known.
    package init(
        limit: Int, capacity: Int = .max, availableMemory: @escaping @Sendable () -> Int? = { nil },
        isHeldAcrossForks: Bool = false
    ) {
        self.capacity = capacity
        self.availableMemory = availableMemory
        lists = LockedValue(Lists(limit: limit), isHeldAcrossForks: isHeldAcrossForks)
    }

    /// Memory of at least `byteCount` bytes with any contents.
    package func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.sizeClass(byteCount)
        let recycled: SendablePointer? = lists.withLock { lists in
            lists.byteCountInUse += size
            guard let memory = lists.free[size]?.popLast() else { return nil }
            lists.byteCount -= size
            return memory
        }
        let memory = recycled?.memory ?? mapMemory(byteCount: size)
        if poisons.load(ordering: .relaxed) {
            memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: size)
        }
        return memory
    }

    /// New memory, for which as much of what is kept is freed as the capacity and the system ask for.
    private func mapMemory(byteCount size: Int) -> UnsafeMutableRawPointer {
        let (total, kept) = lists.withLock { ($0.byteCount + $0.byteCountInUse, $0.byteCount) }
        var excess = total - capacity
        if kept > 0, size >= Self.largeByteCount, let available = availableMemory() {
            excess = max(excess, size + Self.reservedByteCount - available)
        }
        if excess > 0 { free(downTo: max(0, kept - excess)) }
        return allocateMemory(byteCount: size)
    }

    /// From this size on it is asked what the system has left, which takes about as long as mapping a tenth of it.
    private static let largeByteCount = 1 << 22
    /// What is left to the system.
    private static let reservedByteCount = 1 << 28

    /// Keeps what ``allocate(byteCount:)`` returned for the same count, or frees it if the pool is full.
    package func recycle(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let size = Self.sizeClass(byteCount)
        let returned = SendablePointer(memory: memory)
        let isKept = lists.withLock { lists in
            lists.byteCountInUse -= size
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
        let freed = lists.withLock { $0.removed(downTo: limit) }
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
