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

    /// The host's name and its processor's architecture, in characters that a file's name may have.
    static let name: String = {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        func text<Value>(_ value: Value) -> String {
            withUnsafeBytes(of: value) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.nodename))-\(text(name.machine))".filter {
            $0.isLetter || $0.isNumber || "-._".contains($0)
        }
    }()

    /// Throws when `required` bytes are more than this machine has.
    static func checkMemory(_ required: Int) throws(ConvolutionError) {
        guard required <= memory else { throw .insufficientMemory(required: required, available: memory) }
    }
}
