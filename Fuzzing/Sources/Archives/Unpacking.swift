/// Unpacks files from a folder of the tar archive at `path`.
public func unpack(
    _ files: [ExpectedFile], of path: String, from folder: String, into target: String
) throws {
    try TarArchive(path: path).unpack(files, from: folder, into: target)
}

/// The number of bytes of the gzip-compressed file at `path` once inflated; no more is read after `limit` bytes.
public func inflatedByteCount(of path: String, limit: Int) throws -> Int {
    let reader = try ArchiveReader(path, as: .raw)
    guard try reader.next() != nil else { return 0 }
    var count = 0
    while count <= limit, let bytes = try reader.nextPiece() { count += bytes.count }
    return count
}
