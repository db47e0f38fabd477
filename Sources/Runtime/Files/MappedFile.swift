#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file, mapped into memory: they are read from the disk as they are used. What cannot be mapped, such as a
/// pipe, is read into memory.
///
/// A mapping shows the file that was opened, also after another one got its name; a file that is cut off in place while it
/// is mapped ends the process with SIGBUS, as for every reader of mapped files.
// Sendable: the bytes are only read, and nobody frees them before the last reference is gone.
package final class MappedFile: @unchecked Sendable {
    private let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps the file at `path`.
    package init(_ path: String) throws(FileError) {
        let file = try InputFile(path)
        if let mapping = file.mapping() {
            bytes = mapping
            isMapped = true
        } else {
            let contents = try file.readToEnd(limit: .max - 1)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 64)
            memory.copyBytes(from: contents)
            bytes = UnsafeRawBufferPointer(memory)
            isMapped = false
        }
    }

    /// The number of bytes.
    package var byteCount: Int { bytes.count }

    /// Reads the bytes in place; the pointer is valid during the call only.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }
}

extension InputFile {
    /// A mapping of a whole regular file; `nil` if the system makes none, as for empty files.
    fileprivate func mapping() -> UnsafeRawBufferPointer? {
        guard let byteCount, byteCount > 0 else { return nil }
        let memory = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { return nil }
        return UnsafeRawBufferPointer(start: memory, count: byteCount)
    }
}
