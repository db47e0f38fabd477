import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory from the system, aligned to 64 bytes at least; it is given back by ``deallocateMemory(_:byteCount:)``.
///
/// Large pieces lie in huge pages, which Linux is asked for: the columns of a plane and the steps of a long row touch a line
/// of memory here and there, and with pages of 4 KiB the addresses of each would have to be looked up.
///
/// Pieces of several pages begin at different places of a page, by turns. A cache finds a line by the lower bits of its
/// address: what is read side by side from the same place of several tensors, with rows of a power of two, would
/// otherwise meet in a few sets of it and drive each other out.
func allocateMemory(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= shortestStaggered else { return .allocate(byteCount: byteCount, alignment: 64) }
    let isHuge = byteCount >= 2 * hugePage
    let memory = UnsafeMutableRawPointer.allocate(
        byteCount: byteCount + page, alignment: isHuge ? hugePage : page)
    #if os(Linux)
    // A refusal leaves small pages, which do.
    if isHuge { _ = madvise(memory, byteCount / hugePage * hugePage, MADV_HUGEPAGE) }
    #endif
    let turn = nextTurn.wrappingAdd(1, ordering: .relaxed).oldValue
    return memory + Int(turn &* 7 % UInt(page / 64)) * 64
}

/// Gives back memory of ``allocateMemory(byteCount:)`` for the same count.
func deallocateMemory(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    guard byteCount >= shortestStaggered else { return memory.deallocate() }
    // The piece begins with the page.
    (memory - Int(bitPattern: memory) % page).deallocate()
}

private let page = 1 << 12
private let hugePage = 1 << 21
private let shortestStaggered = 16 * page
private let nextTurn = Atomic<UInt>(0)
