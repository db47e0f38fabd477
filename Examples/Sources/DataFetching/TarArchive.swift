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
        // By the bytes of their names: `String` takes canonically equivalent ones for equal, and combining characters for
        // parts of the slashes before them.
        var missing = Dictionary(
            uniqueKeysWithValues: files.map { (Array("\(source)/\($0.name)".utf8), $0) })
        let wanted = Set(missing.keys)
        var byteCount = 0
        while let entry = try reader.next() {
            func refused(_ why: String) -> DataFetchError {
                DataFetchError(path, .refusedEntry(name: entry.name, why: why))
            }
            let bytes = Array(entry.name.utf8)
            let isInside =
                bytes.first != UInt8(ascii: "/")
                && !bytes.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
            guard isInside else { throw refused("expected a path inside the folder it is unpacked to") }
            guard entry.isFile || entry.isFolder else {
                throw refused("expected a file or a folder, found a link or a device")
            }
            // An entry may announce any number of 63 bits.
            guard entry.byteCount >= 0, entry.byteCount <= maximumByteCount - byteCount else {
                throw refused("expected at most \(maximumByteCount) bytes in all, found more")
            }
            byteCount += entry.byteCount
            let name = bytes.starts(with: "./".utf8) ? Array(bytes.dropFirst(2)) : bytes
            guard entry.isFile, let file = missing.removeValue(forKey: name) else {
                if wanted.contains(name) {
                    throw refused("expected it once, as a file")
                }
                continue
            }
            guard entry.byteCount == file.byteCount else {
                throw refused("expected \(file.byteCount) bytes, found \(entry.byteCount)")
            }
            try write(reader, to: "\(target)/\(file.name)", expecting: file, refusal: refused)
        }
        if let name = missing.values.map(\.name).min() {
            throw DataFetchError(path, .missingEntry("\(source)/\(name)"))
        }
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
