import Foundation

/// The bytes of a file, piece by piece from front to back.
final class FilePieces {
    private let path: String
    private let descriptor: Int32
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    /// Opens the regular file at `path`.
    init(_ path: String) throws(DataFetchError) {
        self.path = path
        // Were it a pipe, the system would not wait for a writer.
        descriptor = try withoutInterruption(path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }

    deinit {
        close(descriptor)
        piece.deallocate()
    }

    /// The next bytes, which stay until more is read; `nil` behind the last ones.
    func next() throws(DataFetchError) -> UnsafeRawBufferPointer? {
        let (start, room) = (piece.baseAddress, piece.count)
        let count = try withoutInterruption(path) { read(descriptor, start, room) }
        return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: piece[..<count])
    }
}
