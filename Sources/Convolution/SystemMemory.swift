#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory from the system, aligned to 64 bytes at least; it is given back by `deallocate()`.
///
/// Large pieces begin at the border of a huge page, and Linux is asked to use such: the columns of a plane and the steps of a
/// long row touch a line of memory here and there, and with pages of 4 KiB the addresses of each would have to be looked
/// up.
func allocateMemory(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= 2 * hugePage else { return .allocate(byteCount: byteCount, alignment: 64) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    #if os(Linux)
    // A refusal leaves small pages, which do.
    _ = madvise(memory, byteCount / hugePage * hugePage, MADV_HUGEPAGE)
    #endif
    return memory
}

private let hugePage = 1 << 21
