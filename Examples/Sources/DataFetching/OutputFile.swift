import Foundation

/// A file that is written from front to back.
final class OutputFile: Sendable {
    /// The path of the file.
    let path: String
    private let descriptor: Int32

    /// Opens the file at `path`, behind what it holds, or creates it.
    init(_ path: String) throws(DataFetchError) {
        self.path = path
        // A pipe would wait for a reader.
        _ = try fileSize(path)
        descriptor = try withoutInterruption(path) {
            open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        }
    }

    deinit { close(descriptor) }

    /// The number of bytes that the file holds.
    var byteCount: Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// Writes `bytes` behind the others.
    func append(_ bytes: UnsafeRawBufferPointer) throws(DataFetchError) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = rest.count
            let written = try withoutInterruption(path) { write(descriptor, start, count) }
            // Only a device or a file system that is broken writes nothing.
            guard written > 0 else { throw DataFetchError(path, .system(String(cString: strerror(EIO)))) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Takes everything away that the file holds.
    func clear() throws(DataFetchError) {
        _ = try withoutInterruption(path) { ftruncate(descriptor, 0) }
    }

    /// Waits until the disk has what was written: after that the file may get the name under which it counts as whole.
    func synchronize() throws(DataFetchError) {
        _ = try withoutInterruption(path) { fsync(descriptor) }
    }
}
