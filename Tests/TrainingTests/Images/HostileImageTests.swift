import Foundation
import TestSupport
import Testing

@testable import Training

/// Small files that ask for much.
@Suite struct HostileImageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func reason(of bytes: [UInt8], limit: Int = 1 << 28) throws -> DataFileError.Reason? {
        let file = try folder.write(bytes, to: "image")
        return #expect(throws: DataFileError.self) {
            try RasterImage(contentsOf: file, maximumByteCount: limit)
        }?.reason
    }

    /// Far more than there is: taking the memory would end the test.
    @Test func memoryIsNotTakenForWhatIsOnlyAnnounced() throws {
        let limit = 1 << 46
        let header = bigEndian(1 << 22, 4) + bigEndian(1 << 22, 4) + [8, 2, 0, 0, 0]
        let png =
            PNGFile.signature + PNGFile.chunk("IHDR", header) + PNGFile.chunk("IDAT", compressed([0, 1, 2]))
            + PNGFile.chunk("IEND", [])
        #expect(
            try reason(of: png, limit: limit)
                == .damagedImage("4194304x4194304 pixels cannot be in \(png.count) bytes"))
        for text in ["P4", "P5", "P6"] {
            let map = Array("\(text) 4194304 4194304 \(text == "P4" ? "" : "255 ")abc".utf8)
            guard case .truncated(_, foundBytes: 3)? = try reason(of: map, limit: limit) else {
                Issue.record("\(text) is not truncated")
                continue
            }
        }
        for text in ["P1 4194304 4194304 1 1 1", "P2 4194304 4194304 255 1 1 1"] {
            let found = try reason(of: Array(text.utf8), limit: limit)
            #expect(found?.description.contains("expected 17592186044416 ") == true, "\(found as Any)")
        }
    }

    /// Ancillary chunks that inflate to a thousand times their size are skipped.
    @Test func compressedTextsAreNotInflated() throws {
        let text = Array("Comment".utf8) + [0, 0] + compressed([UInt8](repeating: 65, count: 7_000_000))
        let profile = [0x78, 0, 0] + compressed([UInt8](repeating: 0, count: 7_000_000))
        var file = PNGFile(width: 2, height: 1, depth: 8, colorType: 0, samples: [1, 200])
        file.chunks = [("iCCP", profile)] + Array(repeating: ("zTXt", text), count: 140)
        let path = try folder.write(file.bytes, to: "image")
        let start = ContinuousClock.now
        #expect(try RasterImage(contentsOf: path).bytes == [1, 200])
        // To inflate 1 GB would take seconds.
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    /// 64 MiB of white space, or of a comment, in 64 KiB.
    @Test(arguments: ["P2 ", "P2 1 1 255 ", "P1 1 1 ", "P5 1 #"]) func whiteSpaceIsBounded(start: String)
        throws
    {
        let spaces = [UInt8](repeating: 0x20, count: 1 << 20)
        let path = try folder.writeCompressed(
            [Array(start.utf8)] + Array(repeating: spaces, count: 64), to: "map.gz")
        let error = #expect(throws: DataFileError.self) { try RasterImage(contentsOf: path) }
        let text = "\(error as Any)"
        #expect(
            text.contains(" compressed bytes become more than ") && text.contains(" bytes of text"), "\(text)"
        )
    }

    /// As much white space as one likes in a file that is not compressed.
    @Test func longCommentsAreRead() throws {
        let comment = [UInt8](repeating: 0x23, count: 18 << 20)
        let path = try folder.write(Array("P2 1 1 #".utf8) + comment + Array("\n255 7".utf8), to: "map")
        #expect(try RasterImage(contentsOf: path).bytes == [7])
    }

    /// The limit counts what is allocated: alpha, too.
    @Test func alphaCounts() throws {
        let file = PNGFile(width: 2, height: 1, depth: 8, colorType: 4, samples: [1, 255, 200, 255])
        #expect(try reason(of: file.bytes, limit: 3) == .tooLarge(shape: [1, 2, 2], maximumBytes: 3))
        let path = try folder.write(file.bytes, to: "image")
        #expect(try RasterImage(contentsOf: path, maximumByteCount: 4).bytes == [1, 200])
    }

    /// libpng's reason for damage is kept.
    @Test func damageIsNamed() throws {
        var bytes = PNGFile(width: 2, height: 1, depth: 8, colorType: 0, samples: [1, 200]).bytes
        bytes[bytes.count - 13] ^= 1
        let found = try reason(of: bytes)
        #expect(found == .damagedImage("IDAT: CRC error"), "\(found as Any)")
        let short = try reason(of: Array(bytes[..<20]))
        #expect(short == .damagedImage("read beyond end of data"), "\(short as Any)")
    }
}
