import Archives
import Foundation

extension FuzzTarget {
    /// Archives and compressed files, as libarchive reads them for the programs that fetch data.
    static let archives = [
        // A tar archive of one wanted file, plain or compressed.
        FuzzTarget("tar") { bytes in try unpackOneFile(of: InputFolder.write(bytes)) },
        FuzzTarget("tar-headers") { bytes in try unpackOneFile(of: InputFolder.write(Repair.tar(bytes))) },
        FuzzTarget("compressed-file") { bytes in
            let limit = 1 << 22
            let magic: [UInt8] = [0x1F, 0x8B]
            let file = magic.withUnsafeBytes { InputFolder.write([$0, bytes]) }
            // A piece, which is the last one, may go beyond.
            let count = try inflatedByteCount(of: file, limit: limit)
            precondition(count < 2 * limit)
        },
    ]

    private static func unpackOneFile(of archive: String) throws {
        let byteCount = 100
        let file = ExpectedFile("file", byteCount: byteCount, digest: .sha256(""))
        let target = InputFolder.path + "/unpacked"
        mkdir(target, 0o700)
        defer { try? FileManager.default.removeItem(atPath: target) }
        defer {
            // Whatever the archive says, nothing else was written, neither beside the folder nor in it.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
            precondition(names.allSatisfy { $0 == "file" })
        }
        try unpack([file], of: archive, from: "folder", into: target)
        let attributes = try FileManager.default.attributesOfItem(atPath: target + "/file")
        precondition((attributes[.size] as? NSNumber)?.intValue == byteCount)
    }
}
