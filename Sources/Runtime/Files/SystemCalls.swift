#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Repeats a call of the system while signals interrupt it.
///
/// - Throws: ``FileError`` for a result of -1.
func withoutInterruption<Result: SignedInteger>(
    _ path: String, _ call: () -> Result
) throws(FileError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        guard errno == EINTR else { throw .system(path) }
    }
}

/// The system's `read`, under a name that methods called `read` do not hide.
func systemRead(_ descriptor: Int32, _ memory: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, memory, count)
}

/// The system's `write`, under a name that methods called `write` do not hide.
package func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
