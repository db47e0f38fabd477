import Foundation

/// A gzip-compressed tar archive of which some files are wanted.
///
/// Nothing is ever written under a name that the archive chose: the names are those that are asked for. An archive with
/// an entry that no data set has (a path that leaves its folder, a link, more bytes than expected) is refused whole.
struct TarArchive {
    /// The path of the archive.
    let path: String
    /// How many bytes its entries may announce together: STL-10, the largest, has 3.1 billion.
    var maximumByteCount = 1 << 32

    /// Unpacks those of `files` that are in the archive's folder `source`, all of which must be there, into the folder
    /// `target`.
    ///
    /// - Throws: ``DataFetchError``; there may then be files in `target`, some of them in parts.
    func unpack(_ files: [ExpectedFile], from source: String, into target: String) throws {
        let reader = try ArchiveReader(path, as: .tar)
        var missing = Dictionary(uniqueKeysWithValues: files.map { ("\(source)/\($0.name)", $0) })
        var byteCount = 0
        while let entry = try reader.next() {
            func refused(_ why: String) -> DataFetchError {
                DataFetchError(path, .refusedEntry(name: entry.name, why: why))
            }
            let isInside = !entry.name.hasPrefix("/") && !entry.name.split(separator: "/").contains("..")
            guard isInside else { throw refused("expected a path inside the folder it is unpacked to") }
            guard entry.isFile || entry.isFolder else {
                throw refused("expected a file or a folder, found a link or a device")
            }
            byteCount += entry.byteCount
            guard entry.byteCount >= 0, byteCount <= maximumByteCount else {
                throw refused("expected at most \(maximumByteCount) bytes in all, found more")
            }
            let name = entry.name.hasPrefix("./") ? String(entry.name.dropFirst(2)) : entry.name
            guard entry.isFile, let file = missing.removeValue(forKey: name) else {
                if files.contains(where: { "\(source)/\($0.name)" == name }) {
                    throw refused("expected it once, as a file")
                }
                continue
            }
            guard entry.byteCount == file.byteCount else {
                throw refused("expected \(file.byteCount) bytes, found \(entry.byteCount)")
            }
            try write(reader, to: "\(target)/\(file.name)", expecting: file, refusal: refused)
        }
        if let name = missing.keys.min() { throw DataFetchError(path, .missingEntry(name)) }
    }

    private func write(
        _ reader: ArchiveReader, to file: String, expecting expected: ExpectedFile,
        refusal: (String) -> DataFetchError
    ) throws {
        let output = try OutputFile(file)
        while let bytes = try reader.nextPiece() {
            guard output.byteCount + bytes.count <= expected.byteCount else {
                throw refusal("expected \(expected.byteCount) bytes, found more")
            }
            try output.append(bytes)
        }
        guard output.byteCount == expected.byteCount else {
            throw refusal("expected \(expected.byteCount) bytes, found \(output.byteCount)")
        }
        try output.synchronize()
    }
}

extension ExpectedFile {
    /// The path of the file in `folder` and the number of bytes of data in it, inflated if it is compressed; `nil` if
    /// there is none. Of a plain and a compressed file the plain one counts, as it does for those who read them. A
    /// compressed one is inflated no further than it takes to see that it has more bytes than expected; their number is
    /// `nil` then.
    func found(in folder: String) throws(DataFetchError) -> (path: String, byteCount: Int?)? {
        let plain = "\(folder)/\(name)"
        if FileManager.default.fileExists(atPath: plain) { return (plain, try FileSize.of(plain)) }
        let compressed = plain + ".gz"
        guard FileManager.default.fileExists(atPath: compressed) else { return nil }
        let reader = try ArchiveReader(compressed, as: .raw)
        guard try reader.next() != nil else { return (compressed, 0) }
        var count = 0
        while count <= byteCount, let bytes = try reader.nextPiece() { count += bytes.count }
        return (compressed, count <= byteCount ? count : nil)
    }
}
