#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Writes the reason to standard error, as programs write their errors.
func writeReason(_ reason: String) {
    let bytes = Array("error: \(reason)\n".utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// Ends the process with the reason on standard error and the exit code 1.
func endProcess(_ reason: String) -> Never {
    writeReason(reason)
    exit(1)
}
