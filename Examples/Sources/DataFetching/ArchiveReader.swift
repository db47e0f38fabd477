import CArchive

/// libarchive's reader: the entries of a file, one after the other.
final class ArchiveReader {
    /// What the file is taken for, once it is inflated.
    enum Format {
        /// A tar archive.
        case tar
        /// One entry, whatever its bytes are.
        case raw
    }

    /// What stands before the bytes of an entry.
    struct Entry {
        let name: String
        let isFile: Bool
        let isFolder: Bool
        /// The number of bytes that are announced; nothing holds the entry to it.
        let byteCount: Int
    }

    /// The path of the file.
    let path: String
    private let archive: OpaquePointer
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    /// Opens the gzip-compressed file at `path`.
    init(_ path: String, as format: Format) throws(DataFetchError) {
        guard let archive = archive_read_new() else {
            fatalError("libarchive has no memory for a reader")
        }
        self.path = path
        self.archive = archive
        archive_read_support_filter_gzip(archive)
        switch format {
        case .tar: archive_read_support_format_tar(archive)
        case .raw: archive_read_support_format_raw(archive)
        }
        guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else { throw damage() }
    }

    deinit {
        archive_read_free(archive)
        piece.deallocate()
    }

    /// The next entry; `nil` behind the last one.
    func next() throws(DataFetchError) -> Entry? {
        var entry: OpaquePointer?
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_EOF: return nil
        case ARCHIVE_OK, ARCHIVE_WARN: break
        default: throw damage()
        }
        guard let name = archive_entry_pathname(entry) else { throw damage() }
        let type = UInt32(archive_entry_filetype(entry))
        // A hard link has the type of a file.
        let isLink = archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil
        return Entry(
            name: String(cString: name), isFile: type == regular_file_type && !isLink,
            isFolder: type == folder_type && !isLink, byteCount: Int(archive_entry_size(entry)))
    }

    /// The next bytes of the entry, which stay until more is read; `nil` behind the last ones.
    func nextPiece() throws(DataFetchError) -> UnsafeRawBufferPointer? {
        let count = archive_read_data(archive, piece.baseAddress, piece.count)
        guard count >= 0 else { throw damage() }
        return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: piece[..<count])
    }

    private func damage() -> DataFetchError {
        DataFetchError(
            path, .damagedArchive(archive_error_string(archive).map { String(cString: $0) } ?? "no reason"))
    }
}
