import TestSupport
import Testing

@testable import Training

/// A PNG file is read only if all of its chunks, also those behind the pixels, are whole.
@Suite struct PNGChunkTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let comment = (name: "tEXt", contents: Array("Comment".utf8) + [0] + Array("later".utf8))

    static func file(isInterlaced: Bool = false) -> PNGFile {
        var file = PNGFile(width: 3, height: 2, depth: 8, colorType: 0, samples: [1, 2, 3, 50, 60, 70])
        file.chunks = [comment]
        file.laterChunks = [
            comment, ("tIME", [7, 0xD0, 1, 1, 0, 0, 0]), ("fdAT", [1, 2, 3]),
            ("zTXt", Array("Comment".utf8) + [0, 0] + compressed([1, 2])), ("prIv", []),
        ]
        file.isInterlaced = isInterlaced
        return file
    }

    func reason(of bytes: [UInt8]) throws -> DataFileError.Reason? {
        let file = try folder.write(bytes, to: "image")
        do throws(DataFileError) {
            _ = try RasterImage(contentsOf: file)
            return nil
        } catch {
            return error.reason
        }
    }

    /// Chunks that need not be understood are skipped, also behind the pixels, and so is what follows the end.
    @Test(arguments: [false, true]) func ancillaryChunksAreSkipped(isInterlaced: Bool) throws {
        for rest in [[], [0], Array("another file".utf8)] {
            let path = try folder.write(Self.file(isInterlaced: isInterlaced).bytes + rest, to: "image")
            #expect(try RasterImage(contentsOf: path).bytes == [1, 2, 3, 50, 60, 70])
        }
    }

    @Test(arguments: [false, true]) func everyCutIsRefused(isInterlaced: Bool) throws {
        let bytes = Self.file(isInterlaced: isInterlaced).bytes
        for count in bytes.indices {
            #expect(try reason(of: Array(bytes[..<count])) != nil, "cut to \(count) bytes")
        }
        let end = "the file ends before the chunk IEND does"
        for count in 1...12 {
            #expect(try reason(of: bytes.dropLast(count)) == .damagedImage(end), "without \(count) bytes")
        }
    }

    /// Names, lengths, contents and checksums, whether or not libpng looks at the chunk.
    @Test func everyChangedByteIsRefused() throws {
        let bytes = Self.file().bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x40
            #expect(try reason(of: changed) != nil, "byte \(index) changed")
        }
    }

    @Test func damageIsNamed() throws {
        var bytes = Self.file().bytes
        bytes[bytes.count - 1] ^= 1
        #expect(try reason(of: bytes) == .damagedImage("IEND: CRC error"))
        var file = Self.file()
        file.laterChunks = [("t\u{7}Xt", [])]
        #expect(try reason(of: file.bytes) == .damagedImage("invalid chunk type"))
        // The CRC of the empty chunk before IEND.
        bytes = Self.file().bytes
        bytes[bytes.count - 13] ^= 1
        #expect(try reason(of: bytes) == .damagedImage("prIv: CRC error"))
    }
}
