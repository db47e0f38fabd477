import Crypto
import Foundation

/// SHA-256 over a file.
enum FileDigest {
    /// The digest of the file at `path`, in lower-case hexadecimal digits. Reads it piece by piece.
    static func of(_ path: String) throws(DataFetchError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path) }
        defer { close(descriptor) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { piece.deallocate() }
        var hash = SHA256()
        while true {
            let count = read(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw systemError(path) }
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Archive {
    /// Refuses a file that is not this archive.
    func check(_ path: String) throws(DataFetchError) {
        let found = try FileSize.of(path)
        guard found == byteCount else { throw DataFetchError(path, .size(expected: byteCount, found: found)) }
        let foundDigest = try FileDigest.of(path)
        guard foundDigest == digest else {
            throw DataFetchError(path, .digest(expected: digest, found: foundDigest))
        }
    }
}
