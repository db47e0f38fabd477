import Foundation

/// A file that is written from front to back.
final class OutputFile: Sendable {
    /// The path of the file.
    let path: String
    private let descriptor: Int32

    /// Opens the file at `path`, behind what it holds, or creates it.
    init(_ path: String) throws(DataFetchError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw systemError(path) }
    }

    deinit { close(descriptor) }

    /// The number of bytes that the file holds.
    var byteCount: Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// Writes `bytes` behind the others.
    func append(_ bytes: UnsafeRawBufferPointer) throws(DataFetchError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw systemError(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Takes everything away that the file holds.
    func clear() throws(DataFetchError) {
        guard ftruncate(descriptor, 0) == 0 else { throw systemError(path) }
    }

    /// Waits until the disk has what was written: after that the file may get the name under which it counts as whole.
    func synchronize() throws(DataFetchError) {
        guard fsync(descriptor) == 0 else { throw systemError(path) }
    }
}

/// How large files are.
enum FileSize {
    /// The number of bytes of the file at `path`.
    static func of(_ path: String) throws(DataFetchError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw systemError(path) }
        return Int(status.st_size)
    }
}

/// What the system says of its last refusal.
func systemError(_ path: String) -> DataFetchError {
    DataFetchError(path, .system(String(cString: strerror(errno))))
}
