/// The chunks of a PNG file. Each consists of the length of its data, a name of four letters, the data, and the CRC-32 of
/// name and data; numbers have four bytes, the highest one first.
///
/// libpng is not asked for the chunks behind the pixels: its `png_read_end` inflates all that the compressed data have beyond
/// the last row, a thousand times the size of the file, and only warns of a wrong CRC in an ancillary chunk.
///
/// Source: *Portable Network Graphics (PNG) Specification*, third edition, section 5.3.
enum PNGChunks {
    /// Why the chunks of a file with libpng's signature are not whole up to IEND; `nil` if they are. What follows IEND is
    /// not looked at.
    ///
    /// - Complexity: O(*n*), where *n* is the number of bytes.
    static func damage(in contents: UnsafeBufferPointer<UInt8>) -> String? {
        var rest = contents[RasterImage.signatureOfPNG.count...]
        while rest.count >= 12 {
            let length = number(rest)
            guard length <= rest.count - 12 else { break }
            let checked = rest.dropFirst(4).prefix(4 + length)
            guard checked.prefix(4).allSatisfy(isLetter) else { return "invalid chunk type" }
            let name = String(decoding: checked.prefix(4), as: UTF8.self)
            rest = rest[checked.endIndex...]
            guard number(rest) == crc32(of: UnsafeBufferPointer(rebasing: checked)) else {
                return "\(name): CRC error"
            }
            if name == "IEND" { return nil }
            rest = rest.dropFirst(4)
        }
        return "the file ends before the chunk IEND does"
    }

    private static func number(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
    }
}
