import CZlib
import Foundation

/// A folder that is there for the time of a test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("training-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` to a new file and answers its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Writes `bytes`, compressed, to a new file and answers its path.
    func writeCompressed(_ chunks: some Sequence<[UInt8]>, to name: String) throws -> String {
        let file = path + "/" + name
        let output = gzopen(file, "wb9")
        for chunk in chunks { gzwrite(output, chunk, UInt32(chunk.count)) }
        gzclose(output)
        return file
    }
}

/// The bytes of an IDX file.
func idx(_ shape: [Int], type: UInt8 = 0x08, _ bytes: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)]
        + shape.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } } + bytes
}
