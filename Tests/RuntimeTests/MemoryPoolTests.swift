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
        let pieces = (0..<8).map { _ in allocateMemory(byteCount: byteCount) }
        defer { for piece in pieces { deallocateMemory(piece, byteCount: byteCount) } }
        let places = pieces.map { Int(bitPattern: $0) % 4096 }
        #expect(places.allSatisfy { $0 % 64 == 0 })
        // Others may take turns meanwhile.
        #expect(Set(places).count > 1)
        for piece in pieces { piece.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount) }
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
