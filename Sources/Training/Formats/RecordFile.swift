/// A headerless file of records of one size.
struct RecordFile {
    let path: String
    let bytes: [UInt8]
    let recordCount: Int

    /// Reads the file at `path`, plain or gzip-compressed, which must hold at least one record of `recordByteCount`
    /// bytes, only whole ones and not more than `maximumRecordCount`. No more than these is read or inflated.
    ///
    /// - Complexity: O(*n*) time and memory, where *n* is the number of bytes, or that of the maximum where that is less.
    init(contentsOf path: String, recordByteCount: Int, maximumRecordCount: Int) throws(DataFileError) {
        try self.init(
            ByteStream(path: path), recordByteCount: recordByteCount, maximumRecordCount: maximumRecordCount)
    }

    init(_ stream: ByteStream, recordByteCount: Int, maximumRecordCount: Int) throws(DataFileError) {
        path = stream.path
        let maximumByteCount = recordByteCount * maximumRecordCount
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
        recordCount = bytes.count / recordByteCount
    }
}
