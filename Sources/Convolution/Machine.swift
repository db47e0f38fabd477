#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// What this machine has.
enum Machine {
    /// The bytes of physical memory.
    static let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

    /// Throws when `required` bytes are more than this machine has.
    static func checkMemory(_ required: Int) throws(ConvolutionError) {
        guard required <= memory else { throw .insufficientMemory(required: required, available: memory) }
    }
}
