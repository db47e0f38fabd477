import CZlib
import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file from front to back, inflated on the way when the file is gzip-compressed.
///
/// Only what is asked for is read and inflated, so a small file that inflates to a huge one costs nothing.
final class ByteStream {
    /// The path of the file.
    let path: String
    /// How many bytes of the file were read.
    private(set) var fileByteCount = 0

    private let file: UnsafeMutablePointer<FILE>
    /// `nil` for a file that is not compressed.
    private var inflater: Inflater?

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
        if count == head.count, head == Self.gzipMagic { inflater = Inflater() }
    }

    deinit { fclose(file) }

    /// Up to `count` more bytes; fewer only where the stream ends.
    ///
    /// Memory grows with what arrives, not with what was asked for.
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

    /// Fills `memory` as far as the stream goes, and answers how far that is.
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

/// zlib's streaming decompression of gzip data, checksums and all.
private final class Inflater {
    /// zlib wants its state to stay where it is, so it has memory of its own.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
    private var isOver = false

    init() {
        stream.initialize(to: z_stream())
        // 15: the largest window; 16 more: a gzip header and trailer.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        require(status == Z_OK, "zlib cannot start: expected status \(Z_OK), got \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// Fills `output` as far as the data go; `readInput` fills the buffer it is given as far as the file goes.
    func inflate(
        into output: UnsafeMutableBufferPointer<UInt8>, path: String,
        readInput: (UnsafeMutableBufferPointer<UInt8>) throws(DataFileError) -> Int
    ) throws(DataFileError) -> Int {
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        while stream.pointee.avail_out > 0 {
            if stream.pointee.avail_in == 0 {
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(try readInput(input))
                if stream.pointee.avail_in == 0 {
                    guard isOver else { throw damage("the data end too early", in: path) }
                    break
                }
            }
            if isOver {
                // A gzip file may consist of several members; anything else behind the last one is damage.
                isOver = false
                inflateReset(stream)
            }
            switch CZlib.inflate(stream, Z_NO_FLUSH) {
            case Z_OK: continue
            case Z_STREAM_END: isOver = true
            case let status:
                throw damage(stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)", in: path)
            }
        }
        return output.count - Int(stream.pointee.avail_out)
    }

    private func damage(_ reason: String, in path: String) -> DataFileError {
        DataFileError(file: path, reason: .damagedCompression(reason))
    }
}
