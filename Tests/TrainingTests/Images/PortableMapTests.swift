import Foundation
import TestSupport
import Testing

@testable import Training

/// Netpbm's formats in all their spellings.
@Suite struct PortableMapTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func image(_ bytes: [UInt8]) throws -> RasterImage {
        try RasterImage(contentsOf: folder.write(bytes, to: "map"))
    }

    func image(_ text: String, _ raster: [UInt8] = []) throws -> RasterImage {
        try image(Array(text.utf8) + raster)
    }

    static func gray(_ width: Int, _ height: Int, _ bytes: [UInt8]) -> RasterImage {
        RasterImage(width: width, height: height, channels: 1, bytes: bytes)
    }

    /// Spellings of one header, 3 by 2 with the largest value 255.
    static let headers = [
        "P5 3 2 255 ", "P5\n3 2\n255\n", "P5\r\n3 2\r\n255\n", "P5\t3\u{B}2\u{C}255\r",
        "P5  \n\n 3 \t 2  255 ", "P5\n# a comment\n3 2\n255\n",
        "P5#\n3#columns\n#\n # rows follow\n2 # 2\n255 ",
        "P5\n3 2\r# until the carriage return\r255\n", "P5 0003 00000000000000000000000002 0255 ",
        "P5 3 2 255# the comment is the white space\n", "P53 2 255 ",
    ]

    @Test(arguments: headers) func spellingsOfHeaders(header: String) throws {
        // Bytes that look like white space and comments.
        let raster = Array(" \n#\r9\t".utf8)
        #expect(try image(header, raster) == Self.gray(3, 2, raster))
        #expect(
            try image("P6" + header.dropFirst(2), raster + raster + raster).bytes == raster + raster + raster)
    }

    /// As for Netpbm, only one white space belongs to the header.
    @Test func rasterBeginsAfterOneWhiteSpace() throws {
        #expect(try image("P5 2 1 255\r\n", [65, 66]).bytes == [10, 65])
    }

    @Test(arguments: [
        "P2 3 2 255 0 1 2 253 254 255", "P2\n3 2\n255\n0 1 2\n253 254 255\n",
        "P2\r\n3 2\r\n255\r\n0\r\n1\r\n2\t253  254 #\r\n255#",
        "P2 3 2 255 # raster\n 000 # first\n1 2# third\n0253 254 255 ",
        "P2 3 2 255 0 1 2 253 254 255 P2 junk",
    ])
    func plainGray(text: String) throws {
        #expect(try image(text) == Self.gray(3, 2, [0, 1, 2, 253, 254, 255]))
    }

    @Test func plainColor() throws {
        #expect(
            try image("P3 1 2 15\n10 0 1\n7 8 15\n")
                == RasterImage(width: 1, height: 2, channels: 3, bytes: [170, 0, 17, 119, 136, 255]))
    }

    @Test(arguments: [
        "P1 5 2 0100110110", "P1\n5 2\n0 1 0 0 1\n1 0 1 1 0\n", "P1#\n5 2 010#10\n01 1\n0110 111",
    ])
    func plainBitmaps(text: String) throws {
        #expect(try image(text) == Self.gray(5, 2, [255, 0, 255, 255, 0, 0, 255, 0, 0, 255]))
    }

    @Test func rawBitmaps() throws {
        // The last bits of a row have no meaning.
        #expect(
            try image("P4 5 2\n", [0b0100_1111, 0b1011_0000])
                == Self.gray(5, 2, [255, 0, 255, 255, 0, 0, 255, 0, 0, 255]))
        let row: [UInt8] = [0, 255, 255, 255, 255, 255, 255, 0]
        #expect(try image("P4 9 1 ", [0b1000_0001, 0b1000_0000]) == Self.gray(9, 1, row + [0]))
    }

    /// round(255 v / m), for all values of some largest ones, plain and raw.
    @Test(arguments: [1, 2, 7, 15, 100, 254, 255, 256, 257, 1000, 4095, 65534, 65535])
    func largestValues(largest: Int) throws {
        let samples = Array(stride(from: 0, through: largest, by: max(1, largest / 500))) + [largest]
        let expected = samples.map { UInt8((255 * Double($0) / Double(largest)).rounded()) }
        let width = largest > 255 ? 2 : 1
        let raster = samples.flatMap { bigEndian($0, width) }
        #expect(try image("P5 \(samples.count) 1 \(largest)\n", raster).bytes == expected)
        let text = samples.map(String.init).joined(separator: " ")
        #expect(try image("P2 \(samples.count) 1 \(largest)\n\(text)").bytes == expected)
        #expect(
            try image(
                "P6 1 1 \(largest) ", raster.suffix(width) + raster.suffix(width) + raster.suffix(width)
            ).bytes == [255, 255, 255])
    }

    /// Of several images in a file the first one is read.
    @Test func otherImagesAreIgnored() throws {
        #expect(try image("P5 1 1 255 aP5 1 1 255 b") == Self.gray(1, 1, [97]))
        #expect(try image("P4 1 1 ", [0x80, 1, 2, 3]) == Self.gray(1, 1, [0]))
    }

    @Test(arguments: [
        ("P5 3 2 255 abcde", "truncated: expected 6 bytes, found 5"), ("P5 3", "the header ends too early"),
        ("P5 2 1 256 abc", "truncated: expected 4 bytes, found 3"), ("P5", "the header ends too early"),
        ("P4 9 2 abc", "truncated: expected 4 bytes, found 3"), ("P5 3 2 255", "truncated: expected 6 bytes"),
        ("P2 3 1 255 1 2", "expected 3 samples, found 2"), ("P1 3 1 1 0", "expected 3 bits, found 2"),
        ("P2 3 1 255 1 2 # 3", "expected 3 samples, found 2"), ("P1 3 1 1 0 2", "expected 0 or 1, found '2'"),
        ("P2 1 1 255 1x", "expected a sample, found '1x'"), ("P2 1 1 255 -1", "expected a sample, found '-'"),
        ("P5 0 2 255 a", "expected a width from 1 to 1073741824, found '0'"),
        ("P5 -3 2 255 a", "expected a width, found '-'"), ("P5 +3 2 255 a", "expected a width, found '+'"),
        ("P5 3 two 255 a", "expected a height, found 't'"),
        ("P5 3 2.0 255 a", "expected a height, found '2.'"),
        ("P5 1 1 0 a", "expected a largest value from 1 to 65535, found '0'"),
        ("P5 1 1 65536 a", "expected a largest value from 1 to 65535, found '65536'"),
        ("P5 1 1 255a", "expected a largest value, found '255a'"),
        ("P5 1 1 7 a", "a value of 97 is above the largest, 7"),
        ("P5 1 1 300 aa", "a value of 24929 is above the largest, 300"),
        ("P2 1 1 7 8", "a value of 8 is above the largest, 7"),
        ("P2 1 1 7 99999999999999999999999999", "is above the largest, 7"),
        ("P6 999999999 999999999 255 a", "found the sizes [999999999, 999999999, 3]"),
        ("P5 99999999999999999999999999 1 255 a", "expected a width from 1"),
        ("P5 \u{1B}[2J 1 255 a", "expected a width, found '?'"), ("P7 1 1 255 0", "not an image"),
        ("P0 1 1 255 0", "not an image"), ("P", "not an image"), ("GIF89a", "not an image"),
        ("", "not an image"), ("# only a comment", "not an image"),
    ])
    func refusals(text: String, part: String) throws {
        let error = #expect(throws: DataFileError.self) { try image(text) }
        #expect(error?.description.contains(part) == true, "\(error as Any)")
    }
}
