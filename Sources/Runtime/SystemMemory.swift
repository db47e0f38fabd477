import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Allocates memory aligned to 64 bytes at least; ``deallocateMemory(_:byteCount:)`` frees it.
///
/// Large allocations lie in huge pages, which Linux is asked for: the columns of a plane and the steps of a long row
/// access a cache line here and there, and with pages of 4 KiB each access would miss the TLB.
///
/// The start offsets of allocations of several pages rotate within a page (cache coloring), so that equally shaped
/// tensors that are read side by side do not compete for the same cache sets.
package func allocateMemory(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= shortestColored else { return .allocate(byteCount: byteCount, alignment: 64) }
    let isHuge = byteCount >= 2 * hugePage
    let memory = UnsafeMutableRawPointer.allocate(
        byteCount: byteCount + page, alignment: isHuge ? hugePage : page)
    #if os(Linux)
    // Where the system refuses, pages are small, and only slower.
    if isHuge { _ = madvise(memory, byteCount / hugePage * hugePage, MADV_HUGEPAGE) }
    #endif
    let color = nextColor.wrappingAdd(1, ordering: .relaxed).oldValue
    return memory + Int(color &* 7 % UInt(page / 64)) * 64
}

/// Frees what ``allocateMemory(byteCount:)`` allocated for the same count.
package func deallocateMemory(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    guard byteCount >= shortestColored else { return memory.deallocate() }
    // The allocation begins with the page.
    (memory - Int(bitPattern: memory) % page).deallocate()
}

private let page = 1 << 12
private let hugePage = 1 << 21
private let shortestColored = 16 * page
private let nextColor = Atomic<UInt>(0)
