import CZlib
import Runtime

/// The CRC-32 of gzip and PNG, as zlib computes it, of at most 2^32 - 1 bytes.
func crc32(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    Int(CZlib.crc32(0, bytes.baseAddress, UInt32(bytes.count)))
}

/// zlib's streaming decompression of gzip data, with its checksums verified.
///
/// Several members are one stream. Zeros after the last one are padding, as for gzip(1), and nothing may follow them; any
/// other bytes after a member are damage, where gzip(1) warns.
///
/// Source: RFC 1952.
final class GzipInflater {
    /// Allocated: zlib's state must keep its address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
    /// Whether a member is complete and no other has begun.
    private var isOver = false
    private var isPadded = false

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
                while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
                    stream.pointee.next_in += 1
                    stream.pointee.avail_in -= 1
                    isPadded = true
                }
                if stream.pointee.avail_in == 0 { continue }
                guard !isPadded, stream.pointee.next_in.pointee == 0x1F else {
                    throw damage("something other than gzip data follows them", in: path)
                }
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
