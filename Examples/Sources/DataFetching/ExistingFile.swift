extension ExpectedFile {
    /// Returns true if the file is in `folder`, plain or compressed, however well; false if none is there. Of a plain and a
    /// compressed file the plain one counts, as it does for those who read them.
    ///
    /// The digest of its data is compared. A compressed file is inflated no further than it takes to see that it has more
    /// bytes than expected.
    ///
    /// - Throws: ``DataFetchError`` if there is another file of this name, or something else.
    func isComplete(in folder: String) throws(DataFetchError) -> Bool {
        let plain = "\(folder)/\(name)"
        if let found = try fileSize(plain) {
            try check(size: found, of: plain)
            try check(try digest.same(ofFile: plain), of: plain)
            return true
        }
        let compressed = plain + ".gz"
        guard try fileSize(compressed) != nil else { return false }
        let reader = try ArchiveReader(compressed, as: .raw)
        // Without an entry the file is empty.
        let hasData = try reader.next() != nil
        var count = 0
        let found = try digest.same { () throws(DataFetchError) in
            guard hasData, count <= byteCount, let bytes = try reader.nextPiece() else { return nil }
            count += bytes.count
            return bytes
        }
        try check(size: count <= byteCount ? count : nil, of: compressed)
        try check(found, of: compressed)
        return true
    }

    private func check(size: Int?, of path: String) throws(DataFetchError) {
        guard size == byteCount else {
            throw DataFetchError(path, .foreignFile(expectedBytes: byteCount, foundBytes: size))
        }
    }

    private func check(_ found: FileDigest, of path: String) throws(DataFetchError) {
        guard found == digest else {
            throw DataFetchError(path, .foreignContent(expected: digest, found: found))
        }
    }
}
