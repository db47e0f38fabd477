import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
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

/// The peak resident memory of this process, in bytes.
///
/// Linux keeps the peak of `getrusage` when a process executes another program: one that is started by a large program
/// has that program's peak, unless its own is larger. `VmHWM` is that of the program alone.
package func peakResidentMemory() -> Int {
    #if os(Linux)
    if let peak = systemFile("/proc/self/status").flatMap(peakResidentMemory(inStatus:)) { return peak }
    #endif
    var usage = rusage()
    #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
    #else
    // The name imports with a type of its own from one C library and as a number from another. Linux counts in KiB.
    let thisProcess: Int32 = 0
    getrusage(thisProcess, &usage)
    return usage.ru_maxrss << 10
    #endif
}

/// The bytes that the line `VmHWM:  12345 kB` of a process's status names; `nil` without such a line.
func peakResidentMemory(inStatus status: String) -> Int? { byteCount(named: "VmHWM", in: status) }

/// The bytes of a line `name:  12345 kB`; `nil` without such a line.
func byteCount(named name: String, in text: String) -> Int? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else {
        return nil
    }
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]), 1..<Int.max >> 10 ~= kibibytes
    else {
        return nil
    }
    return kibibytes << 10
}

private let page = 1 << 12
private let hugePage = 1 << 21
private let shortestColored = 16 * page
private let nextColor = Atomic<UInt>(0)
