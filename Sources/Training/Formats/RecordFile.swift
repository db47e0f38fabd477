/// A headerless file of records of one size.
struct RecordFile {
    let path: String
    let bytes: [UInt8]
    let recordCount: Int

    /// Reads the file at `path`, plain or gzip-compressed, which must hold at least one record of `recordByteCount`
    /// bytes, only whole ones and not more than `maximumByteCount` bytes in all.
    ///
    /// - Complexity: O(*n*) time and memory, where *n* is the number of bytes, or the maximum where that is less.
    init(contentsOf path: String, recordByteCount: Int, maximumByteCount: Int = 1 << 30) throws(DataFileError)
    {
        let stream = try ByteStream(path: path)
        bytes = try stream.read(upTo: maximumByteCount)
        // Reading past the end also lets zlib check the length and the checksum.
        guard try stream.read(upTo: 1).isEmpty else {
            throw DataFileError(file: path, reason: .tooManyBytes(maximumBytes: maximumByteCount))
        }
        guard !bytes.isEmpty, bytes.count % recordByteCount == 0 else {
            throw DataFileError(
                file: path,
                reason: .notWholeRecords(recordBytes: recordByteCount, foundBytes: bytes.count))
        }
        self.path = path
        recordCount = bytes.count / recordByteCount
    }
}
