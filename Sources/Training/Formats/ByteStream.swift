import Runtime

/// The bytes of a file from front to back, inflated on the way when the file is gzip-compressed. Files that are no
/// regular files, such as pipes, are read alike.
///
/// Only the requested bytes are read and inflated. A compressed file of *n* bytes may have 64 MiB + 256 *n* bytes at most: one
/// that inflates to more is refused when it gets there, and can be read uncompressed.
final class ByteStream {
    /// The path of the file.
    let path: String
    /// The number of bytes read from the file.
    private(set) var fileByteCount = 0
    /// The number of bytes read from the stream, or ahead in it: the inflated ones of a compressed file.
    private(set) var byteCount = 0

    private let file: InputFile
    /// The file's first bytes, which say whether it is compressed: a pipe yields them only once.
    private var head: ArraySlice<UInt8>
    /// `nil` for a file that is not compressed.
    private var inflater: GzipInflater?
    /// Bytes of the stream that were read ahead.
    private var ahead: ArraySlice<UInt8> = []

    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]
    private static let aheadByteCount = 1 << 16

    /// The largest number of inflated bytes: a constant, plus a multiple of the compressed ones. Deflate makes up to 1032 bytes
    /// of one, so that 1 MiB could become a gigabyte. It makes fewer than 5 of one in MNIST, CIFAR-10 and STL-10, and 220
    /// where one byte in a thousand is not zero.
    static let inflationAllowance = (byteCount: 1 << 26, perFileByte: 256)

    /// Opens the file at `path`.
    ///
    /// - Parameter seconds: The time that a named pipe waits for a writer.
    init(path: String, waitingForWriter seconds: Int = InputFile.secondsToWait) throws(DataFileError) {
        var magic = [UInt8](repeating: 0, count: Self.gzipMagic.count)
        do throws(FileError) {
            file = try InputFile(path, waitingForWriter: seconds)
            let file = file
            let count = try magic.withUnsafeMutableBufferPointer { (memory) throws(FileError) in
                try file.read(into: UnsafeMutableRawBufferPointer(memory))
            }
            head = magic[..<count]
        } catch {
            throw Self.unreadable(error)
        }
        self.path = path
        if head.elementsEqual(Self.gzipMagic) { inflater = GzipInflater() }
    }

    /// Up to `count` more bytes; fewer only where the stream ends.
    ///
    /// Memory grows with the bytes that arrive, not with `count`.
    func read(upTo count: Int) throws(DataFileError) -> [UInt8] {
        var bytes = Array(ahead.prefix(count))
        ahead = ahead.dropFirst(bytes.count)
        var chunk = [UInt8](repeating: 0, count: min(count - bytes.count, 1 << 20))
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

    /// The next byte; `nil` where the stream ends.
    ///
    /// The stream is read ahead, 64 KiB at a time.
    func next() throws(DataFileError) -> UInt8? {
        if ahead.isEmpty { ahead = try read(upTo: Self.aheadByteCount)[...] }
        return ahead.popFirst()
    }

    /// Up to `count` bytes, at most 64 KiB, that stay in the stream; fewer only where it ends.
    func peek(upTo count: Int) throws(DataFileError) -> [UInt8] {
        if ahead.count < count { ahead = try read(upTo: Self.aheadByteCount)[...] }
        return Array(ahead.prefix(count))
    }

    /// Reads a compressed file to its end, where zlib compares lengths and checksums. Of other files nothing is read.
    func verifyRest() throws(DataFileError) {
        guard inflater != nil else { return }
        while try !read(upTo: 1 << 20).isEmpty {}
    }

    /// Fills `memory` as far as the stream goes, and returns the number of bytes.
    private func fill(_ memory: UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int {
        guard let inflater else {
            let count = try readFile(into: memory)
            byteCount += count
            return count
        }
        let count = try inflater.inflate(into: memory, path: path) { (input) throws(DataFileError) in
            try self.readFile(into: input)
        }
        byteCount += count
        let allowed =
            Self.inflationAllowance.byteCount + Self.inflationAllowance.perFileByte * fileByteCount
        guard byteCount <= allowed else {
            throw DataFileError(
                file: path, reason: .inflatesTooFar(compressedBytes: fileByteCount, maximumBytes: allowed))
        }
        return count
    }

    private func readFile(into memory: UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int {
        var count = 0
        while count < memory.count, let byte = head.popFirst() {
            memory[count] = byte
            count += 1
        }
        do throws(FileError) {
            let rest = UnsafeMutableBufferPointer(rebasing: memory[count...])
            count += try file.read(into: UnsafeMutableRawBufferPointer(rest))
        } catch {
            throw Self.unreadable(error)
        }
        fileByteCount += count
        return count
    }

    private static func unreadable(_ error: FileError) -> DataFileError {
        DataFileError(file: error.path, reason: .unreadable("\(error.reason)"))
    }
}
