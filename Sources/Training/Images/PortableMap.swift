/// The reader of binary PGM and PPM files: `P5` or `P6`, width, height and largest value in decimal, separated by
/// white space and comments, one white space, then the bytes.
///
/// Source: the formats' descriptions in Netpbm, <https://netpbm.sourceforge.net/doc/pgm.html> and `ppm.html`.
struct PortableMap {
    private let stream: ByteStream
    /// The bytes that were already read from the stream.
    private var head: ArraySlice<UInt8>

    init(_ stream: ByteStream, head: [UInt8]) {
        self.stream = stream
        self.head = head[...]
    }

    /// The image, which must end where the file ends.
    mutating func image(maximumByteCount: Int) throws(DataFileError) -> RasterImage {
        _ = try next()
        let channels = try next() == UInt8(ascii: "6") ? 3 : 1
        let width = try number("a width", in: 1...1 << 30)
        let height = try number("a height", in: 1...1 << 30)
        let largest = try number("a largest value of one byte", in: 1...255)
        try RasterImage.checkSize(
            width: width, height: height, channels: channels, maximumByteCount: maximumByteCount,
            file: stream.path)
        let count = width * height * channels
        var bytes = Array(head.prefix(count))
        head = head.dropFirst(bytes.count)
        bytes += try stream.read(upTo: count - bytes.count)
        guard bytes.count == count else {
            throw refused(.truncated(expectedBytes: count, foundBytes: bytes.count))
        }
        guard head.isEmpty, try stream.read(upTo: 1).isEmpty else {
            throw refused(.trailingBytes(expectedBytes: count))
        }
        if let byte = bytes.first(where: { $0 > largest }) {
            throw refused(.damagedImage("a value of \(byte) is above the largest, \(largest)"))
        }
        // Rounded to the nearest.
        if largest < 255 { bytes = bytes.map { UInt8((Int($0) * 510 + largest) / (2 * largest)) } }
        return RasterImage(width: width, height: height, channels: channels, bytes: bytes)
    }

    /// Reads white space and comments, a decimal number, and the one byte that ends it.
    private mutating func number(_ name: String, in range: ClosedRange<Int>) throws(DataFileError) -> Int {
        var byte = try next()
        while Self.isSpace(byte) || byte == UInt8(ascii: "#") {
            if byte == UInt8(ascii: "#") { while byte != UInt8(ascii: "\n") { byte = try next() } }
            byte = try next()
        }
        var digits: [UInt8] = []
        while !Self.isSpace(byte), digits.count < 20 {
            digits.append(byte)
            byte = try next()
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard let number = Int(text), range.contains(number) else {
            throw refused(.damagedImage("expected \(name), found '\(text)'"))
        }
        return number
    }

    private mutating func next() throws(DataFileError) -> UInt8 {
        if let byte = head.popFirst() { return byte }
        guard let byte = try stream.read(upTo: 1).first else {
            throw refused(.damagedImage("the header ends too early"))
        }
        return byte
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func refused(_ reason: DataFileError.Reason) -> DataFileError {
        DataFileError(file: stream.path, reason: reason)
    }
}
