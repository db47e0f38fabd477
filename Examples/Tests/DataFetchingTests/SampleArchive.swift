import CArchive
import Crypto
import DataFetching
import ExampleTestSupport
import Foundation

/// An entry of a tar archive that a test makes.
struct SampleEntry {
    var name: String
    var bytes: [UInt8] = []
    var isFolder = false
    var symbolicLink: String?
    var hardLink: String?
}

/// Archives that tests make, with the writer of libarchive.
enum SampleArchive {
    /// A gzip-compressed tar archive.
    static func tar(_ entries: [SampleEntry], in folder: TemporaryFolder) throws -> [UInt8] {
        try written(in: folder) { archive in
            archive_write_add_filter_gzip(archive)
            archive_write_set_format_pax_restricted(archive)
        } entries: { archive in
            for entry in entries {
                let header = archive_entry_new()
                archive_entry_set_pathname(header, entry.name)
                archive_entry_set_filetype(header, entry.isFolder ? folder_type : regular_file_type)
                archive_entry_set_perm(header, entry.isFolder ? 0o755 : 0o644)
                archive_entry_set_size(header, Int64(entry.bytes.count))
                if let link = entry.symbolicLink {
                    archive_entry_set_filetype(header, 0o120000)
                    archive_entry_set_symlink(header, link)
                }
                if let link = entry.hardLink { archive_entry_set_hardlink(header, link) }
                archive_write_header(archive, header)
                if !entry.bytes.isEmpty { archive_write_data(archive, entry.bytes, entry.bytes.count) }
                archive_entry_free(header)
            }
        }
    }

    /// A gzip-compressed file.
    static func compressed(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> [UInt8] {
        try written(in: folder) { archive in
            archive_write_add_filter_gzip(archive)
            archive_write_set_format_raw(archive)
        } entries: { archive in
            let header = archive_entry_new()
            archive_entry_set_pathname(header, "data")
            archive_entry_set_filetype(header, regular_file_type)
            archive_write_header(archive, header)
            archive_write_data(archive, bytes, bytes.count)
            archive_entry_free(header)
        }
    }

    private static func written(
        in folder: TemporaryFolder, format: (OpaquePointer?) -> Void, entries: (OpaquePointer?) -> Void
    ) throws -> [UInt8] {
        let file = folder.file("written-\(UUID())")
        let archive = archive_write_new()
        format(archive)
        guard archive_write_open_filename(archive, file) == ARCHIVE_OK else { throw POSIXError(.EIO) }
        entries(archive)
        archive_write_free(archive)
        defer { try? FileManager.default.removeItem(atPath: file) }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// The SHA-256 of `bytes`.
    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}

extension Archive {
    /// The same archive with other mirrors.
    func at(_ mirrors: String...) -> Archive {
        Archive(name: name, byteCount: byteCount, digest: digest, mirrors: mirrors, contents: contents)
    }
}
