import Foundation
import TestSupport

/// A file in a temporary folder, to be written by hand.
struct SafetensorsFile {
    let folder: TemporaryFolder
    var path: String { folder.file("x.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    /// Writes a file with the given header and data; `length` replaces the header's true length.
    func write(_ header: String, data: [UInt8] = [], length: UInt64? = nil) throws {
        var bytes = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) {
            bytes.append(contentsOf: $0)
        }
        bytes.append(contentsOf: header.utf8)
        bytes.append(contentsOf: data)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    func entry(_ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
    }
}
