import CZlib
import Foundation
import TestSupport
import Testing

@testable import Training

/// Compressed files by the grammar of RFC 1952, and padded as gzip(1) allows.
@Suite struct GzipTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let text = Array("long convolutions".utf8)

    /// A member of a gzip file. Flags: 1 text, 2 checksum of the header, 4 extra field, 8 name, 16 comment.
    static func member(_ bytes: [UInt8] = text, flags: UInt8 = 0, headerSum: Int? = nil) -> [UInt8] {
        var header: [UInt8] = [0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 0, 3]
        if flags & 4 != 0 { header += [5, 0, 1, 2, 3, 0, 0x1F] }
        if flags & 8 != 0 { header += Array("name.bin".utf8) + [0] }
        if flags & 16 != 0 { header += Array("a comment".utf8) + [0] }
        if flags & 2 != 0 {
            let sum = headerSum ?? Int(crc32(0, header, UInt32(header.count)))
            header += bigEndian(sum, 2).reversed()
        }
        // Of zlib's stream without its header and checksum.
        let deflated = compressed(bytes).dropFirst(2).dropLast(4)
        let sum = Int(crc32(0, bytes, UInt32(bytes.count)))
        return header + deflated + bigEndian(sum, 4).reversed() + bigEndian(bytes.count, 4).reversed()
    }

    func contents(_ bytes: [UInt8]) throws -> [UInt8] {
        try ByteStream(path: folder.write(bytes, to: "file.gz")).read(upTo: 1 << 24)
    }

    func damage(_ bytes: [UInt8]) throws -> String? {
        let error = #expect(throws: DataFileError.self) { try contents(bytes) }
        guard case .damagedCompression(let reason)? = error?.reason else { return nil }
        return reason
    }

    @Test(arguments: 0...31 as ClosedRange<UInt8>) func headers(flags: UInt8) throws {
        #expect(try contents(Self.member(flags: flags)) == Self.text)
    }

    @Test func members() throws {
        let members =
            Self.member(flags: 8) + Self.member([]) + Self.member([1, 2, 3]) + Self.member(flags: 2)
        #expect(try contents(members) == Self.text + [1, 2, 3] + Self.text)
        #expect(try contents(Self.member([])).isEmpty)
    }

    @Test(arguments: [1, 2, 511, 65_535, 65_536, 200_000]) func padding(count: Int) throws {
        let zeros = [UInt8](repeating: 0, count: count)
        #expect(try contents(Self.member() + Self.member() + zeros) == Self.text + Self.text)
        for rest in [[1], Self.member()] {
            #expect(try damage(Self.member() + zeros + rest) == "something other than gzip data follows them")
        }
    }

    @Test(arguments: [[1], Array("garbage".utf8), [0x1E, 0x8B]] as [[UInt8]]) func garbage(rest: [UInt8])
        throws
    {
        #expect(try damage(Self.member() + rest) == "something other than gzip data follows them")
    }

    @Test func damagedMembers() throws {
        let whole = Self.member()
        #expect(try damage(whole + [0x1F, 0x8C]) == "incorrect header check")
        #expect(try damage(Self.member(flags: 2, headerSum: 0)) == "header crc mismatch")
        #expect(try damage(Self.member(flags: 0x20)) == "unknown header flags set")
        for (distance, reason) in [(8, "incorrect data check"), (4, "incorrect length check")] {
            var damaged = whole
            damaged[whole.count - distance] ^= 1
            #expect(try damage(damaged) == reason)
            #expect(try damage(whole + damaged) == reason)
        }
        for count in 3..<whole.count {
            #expect(try damage(Array(whole[..<count])) == "the data end too early")
            #expect(try damage(whole + whole[..<count]) == "the data end too early")
        }
    }

    /// An image in a compressed file is refused where the checksum behind it is wrong.
    @Test func checksumsOfImages() throws {
        var bytes = Self.member(Array("P5 1 1 255 a".utf8))
        #expect(try RasterImage(contentsOf: folder.write(bytes, to: "map")).bytes == [97])
        bytes[bytes.count - 8] ^= 1
        let path = try folder.write(bytes, to: "map")
        #expect(throws: DataFileError(file: path, reason: .damagedCompression("incorrect data check"))) {
            try RasterImage(contentsOf: path)
        }
    }
}
