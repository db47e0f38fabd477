import Runtime

/// The bytes of a file from front to back, inflated on the way when the file is gzip-compressed. Files that are no
/// regular files, such as pipes, are read alike.
///
/// Only the requested bytes are read and inflated, so a small file that inflates to a huge one costs nothing.
final class ByteStream {
    /// The path of the file.
    let path: String
    /// The number of bytes read from the file.
    private(set) var fileByteCount = 0

    private let file: InputFile
    /// The file's first bytes, which say whether it is compressed: a pipe yields them only once.
    private var head: ArraySlice<UInt8>
    /// `nil` for a file that is not compressed.
    private var inflater: GzipInflater?
    /// Bytes of the stream that were read ahead.
    private var ahead: ArraySlice<UInt8> = []

    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]
    private static let aheadByteCount = 1 << 16

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

    /// Fills `memory` as far as the stream goes, and returns the number of bytes.
    private func fill(_ memory: UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int {
        guard let inflater else { return try readFile(into: memory) }
        return try inflater.inflate(into: memory, path: path) { (input) throws(DataFileError) in
            try self.readFile(into: input)
        }
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
