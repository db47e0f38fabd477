#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The peak resident memory of this process, in bytes.
public func peakMemory() -> Int {
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
