import Testing

@testable import Runtime

struct MemoryPoolTests {
    @Test func memoryIsRecycled() {
        let pool = MemoryPool(limit: 1 << 20)
        let first = pool.allocate(byteCount: 1000)
        #expect(Int(bitPattern: first) % 64 == 0)
        pool.recycle(first, byteCount: 1000)
        let second = pool.allocate(byteCount: 1024)
        #expect(first == second)
        pool.recycle(second, byteCount: 1024)
    }

    /// What exceeds the limit is freed: at once when it comes back, and when the limit is lowered.
    @Test func limit() {
        let pool = MemoryPool(limit: 1 << 16)
        let small = (0..<3).map { _ in pool.allocate(byteCount: 1 << 14) }
        let large = pool.allocate(byteCount: 1 << 17)
        for memory in small { pool.recycle(memory, byteCount: 1 << 14) }
        #expect(pool.byteCount == 3 << 14)
        pool.recycle(large, byteCount: 1 << 17)
        #expect(pool.byteCount == 3 << 14)
        pool.limit = 1 << 15
        #expect(pool.byteCount == 1 << 15)
        pool.free()
        #expect(pool.byteCount == 0)
        pool.recycle(pool.allocate(byteCount: 1 << 14), byteCount: 1 << 14)
        #expect(pool.byteCount == 1 << 14)
        pool.free()
    }

    /// Steps that need more than what is kept elsewhere map nothing after the first one.
    @Test func everyStepAfterTheFirstIsRecycled() {
        let pool = MemoryPool(limit: .max, capacity: 1 << 16)
        let sizes = [1 << 10, 3 << 10, 1 << 12, 1 << 15]
        func step() -> Set<UnsafeMutableRawPointer> {
            let pieces = sizes.map { pool.allocate(byteCount: $0) }
            for (memory, size) in zip(pieces, sizes) { pool.recycle(memory, byteCount: size) }
            return Set(pieces)
        }
        let first = step()
        for _ in 0..<5 { #expect(step() == first) }
        #expect(pool.byteCount == sizes.reduce(0, +))
        pool.free()
    }

    /// What is kept makes room for other sizes: beyond the capacity, and where the system has no more.
    @Test func keptMemoryMakesRoom() {
        let pool = MemoryPool(limit: .max, capacity: 1 << 16)
        let inUse = pool.allocate(byteCount: 1 << 15)
        let small = (0..<2).map { _ in pool.allocate(byteCount: 1 << 13) }
        for memory in small { pool.recycle(memory, byteCount: 1 << 13) }
        // All are 2^16 together with what is allocated next.
        let fitting = pool.allocate(byteCount: 1 << 14)
        #expect(pool.byteCount == 1 << 14)
        // A byte more is a piece of a size of its own.
        let other = pool.allocate(byteCount: 64)
        #expect(pool.byteCount == 1 << 13)
        pool.recycle(fitting, byteCount: 1 << 14)
        pool.recycle(other, byteCount: 64)
        #expect(pool.byteCount == 1 << 13 + 1 << 14 + 64)
        pool.recycle(inUse, byteCount: 1 << 15)
        pool.free()

        // The system could map a byte less than is wanted with what is left to it.
        let wanted = 1 << 22
        let poor = MemoryPool(limit: .max, availableMemory: { wanted + 1 << 28 - 1 })
        poor.recycle(poor.allocate(byteCount: 1 << 14), byteCount: 1 << 14)
        poor.recycle(poor.allocate(byteCount: 1 << 13), byteCount: 1 << 13)
        let large = poor.allocate(byteCount: wanted)
        #expect(poor.byteCount == 1 << 13)
        poor.recycle(large, byteCount: wanted)
        #expect(poor.allocate(byteCount: wanted) == large)
        poor.recycle(large, byteCount: wanted)
        poor.free()
    }

    @Test func availableMemoryIsRead() throws {
        #expect(Machine.availableMemory(inInformation: "MemTotal: 9 kB\nMemAvailable:   12 kB\n") == 12 << 10)
        #expect(Machine.availableMemory(inInformation: "MemAvailableX: 12 kB\n") == nil)
        #expect(Machine.availableMemory(inInformation: "MemAvailable: 12 MB\n") == nil)
        #if os(Linux)
        let available = try #require(Machine.availableMemory)
        #expect(available > 0)
        #endif
    }

    @Test func largePiecesBeginWithHugePages() {
        for byteCount in [4 << 20, 5 << 20 + 1] {
            let memory = allocateMemory(byteCount: byteCount)
            defer { deallocateMemory(memory, byteCount: byteCount) }
            #expect(Int(bitPattern: memory) % (2 << 20) < 4096)
            memory.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
        }
    }

    @Test(arguments: [1 << 16, 1 << 20 + 1, 4 << 20])
    func piecesBeginAtDifferentPlacesOfAPage(_ byteCount: Int) {
        let tasks = (0..<8).map { _ in allocateMemory(byteCount: byteCount) }
        defer { for task in tasks { deallocateMemory(task, byteCount: byteCount) } }
        let places = tasks.map { Int(bitPattern: $0) % 4096 }
        #expect(places.allSatisfy { $0 % 64 == 0 })
        // Others may take turns meanwhile.
        #expect(Set(places).count > 1)
        for task in tasks { task.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount) }
    }

    @Test func sizesAreRoundedUpByAQuarterAtMost() {
        var last = 0
        for byteCount in Array(0...5000) + [1 << 20, 1 << 20 + 1, 1 << 40 - 1] {
            let size = MemoryPool.sizeClass(byteCount)
            #expect(size >= max(64, byteCount) && size % 64 == 0 && size >= last)
            #expect(size <= 64 + byteCount * 5 / 4)
            last = size
        }
    }
}
