#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file from front to back, inflated on the way when the file is gzip-compressed.
///
/// Only the requested bytes are read and inflated, so a small file that inflates to a huge one costs nothing.
final class ByteStream {
    /// The path of the file.
    let path: String
    /// The number of bytes read from the file.
    private(set) var fileByteCount = 0

    private let file: UnsafeMutablePointer<FILE>
    /// `nil` for a file that is not compressed.
    private var inflater: GzipInflater?

    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]

    /// Opens the file at `path`.
    init(path: String) throws(DataFileError) {
        guard let file = fopen(path, "rb") else {
            throw DataFileError(file: path, reason: .unreadable(Self.systemReason()))
        }
        self.path = path
        self.file = file
        var head = [UInt8](repeating: 0, count: Self.gzipMagic.count)
        let count = try head.withUnsafeMutableBufferPointer { (memory) throws(DataFileError) in
            try readFile(into: memory)
        }
        rewind(file)
        fileByteCount = 0
        if count == head.count, head == Self.gzipMagic { inflater = GzipInflater() }
    }

    deinit { fclose(file) }

    /// Up to `count` more bytes; fewer only where the stream ends.
    ///
    /// Memory grows with the bytes that arrive, not with `count`.
    func read(upTo count: Int) throws(DataFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(count, 1 << 20))
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let found = try chunk.withUnsafeMutableBufferPointer { (memory) throws(DataFileError) in
                try fill(UnsafeMutableBufferPointer(rebasing: memory[..<wanted]))
            }
            bytes.append(contentsOf: chunk[..<found])
            if found < wanted { break }
        }
        return bytes
    }

    /// Fills `memory` as far as the stream goes, and returns the number of bytes.
    private func fill(_ memory: UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int {
        guard let inflater else { return try readFile(into: memory) }
        return try inflater.inflate(into: memory, path: path) { (input) throws(DataFileError) in
            try self.readFile(into: input)
        }
    }

    private func readFile(into memory: UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int {
        let count = fread(memory.baseAddress, 1, memory.count, file)
        if count < memory.count, ferror(file) != 0 {
            throw DataFileError(file: path, reason: .unreadable(Self.systemReason()))
        }
        fileByteCount += count
        return count
    }

    private static func systemReason() -> String { String(cString: strerror(errno)) }
}
