/// The reader of Netpbm's bitmaps, gray maps and pixel maps, plain (P1, P2, P3) and raw (P4, P5, P6).
///
/// After the magic number come width, height and, but for bitmaps, the largest value, in decimal, with white space and
/// comments before them. A comment begins with `#`, anywhere, and ends with its line. One white space, or a comment, ends
/// the header; a raw raster begins right after it, also where a line feed follows a carriage return. As for Netpbm, what
/// follows the first image is ignored.
///
/// Source: Netpbm's manual, <https://netpbm.sourceforge.net/doc/pbm.html>, `pgm.html` and `ppm.html`.
struct PortableMap {
    private let stream: ByteStream
    private let isPlain: Bool
    private let isBitmap: Bool
    private let channels: Int
    /// The bytes of text that were read.
    private var textByteCount = 0

    /// The largest number of bytes of text in a compressed file: a constant, plus a multiple of the file's own size. It
    /// bounds the time that a gigabyte of white space would take: at 20 ns a byte, 1 MiB is read in less than a second.
    private static let textAllowance = (byteCount: 1 << 24, perFileByte: 16)

    /// The map in a stream that begins with `magic`; `nil` if that is of something else.
    init?(_ stream: ByteStream, magic: [UInt8]) {
        guard magic.count >= 2, magic[0] == UInt8(ascii: "P"),
            (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(magic[1])
        else { return nil }
        let number = Int(magic[1] - UInt8(ascii: "0"))
        self.stream = stream
        isPlain = number <= 3
        isBitmap = number % 3 == 1
        channels = number % 3 == 0 ? 3 : 1
    }

    /// The first image.
    mutating func image(maximumByteCount: Int) throws(DataFileError) -> RasterImage {
        _ = try stream.read(upTo: 2)
        let width = try headerNumber("a width", in: 1...1 << 30)
        let height = try headerNumber("a height", in: 1...1 << 30)
        let largest = isBitmap ? 1 : try headerNumber("a largest value", in: 1...65535)
        try RasterImage.checkSize(
            width: width, height: height, channels: channels, bytesPerSample: largest > 255 ? 2 : 1,
            maximumByteCount: maximumByteCount, file: stream.path)
        let count = width * height * channels
        let bytes =
            if isBitmap {
                try isPlain ? plainBits(count) : rawBits(width: width, height: height)
            } else {
                try isPlain ? plainSamples(count, largest: largest) : rawSamples(count, largest: largest)
            }
        try stream.verifyRest()
        return RasterImage(width: width, height: height, channels: channels, bytes: bytes)
    }

    // MARK: - Rasters

    private func rawSamples(_ count: Int, largest: Int) throws(DataFileError) -> [UInt8] {
        // A table: a division for each of 64 million samples takes longer than to inflate them.
        let table = (0...largest).map { Self.scaled($0, largest) }
        guard largest > 255 else {
            var bytes = try raster(count)
            if let byte = bytes.first(where: { $0 > largest }) { throw tooLarge(Int(byte), largest) }
            if largest < 255 { bytes = bytes.map { table[Int($0)] } }
            return bytes
        }
        // Two bytes a sample, the higher one first; in parts, as all pairs at once would take twice the memory of the image.
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = min(count - bytes.count, 1 << 19)
            let pairs = try stream.read(upTo: 2 * part)
            guard pairs.count == 2 * part else {
                throw truncated(expectedBytes: 2 * count, foundBytes: 2 * bytes.count + pairs.count)
            }
            for index in 0..<part {
                let sample = Int(pairs[2 * index]) << 8 | Int(pairs[2 * index + 1])
                guard sample <= largest else { throw tooLarge(sample, largest) }
                bytes.append(table[sample])
            }
        }
        return bytes
    }

    private mutating func plainSamples(_ count: Int, largest: Int) throws(DataFileError) -> [UInt8] {
        // Grows with the numbers that arrive.
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let sample = try number("a sample") else { throw truncated(count, bytes.count, "samples") }
            guard sample <= largest else { throw tooLarge(sample, largest) }
            bytes.append(Self.scaled(sample, largest))
        }
        return bytes
    }

    /// Rows of bits, from the most significant one on, each of whole bytes; 1 is black.
    private func rawBits(width: Int, height: Int) throws(DataFileError) -> [UInt8] {
        let rowByteCount = (width + 7) / 8
        let bits = try raster(rowByteCount * height)
        var bytes = [UInt8](repeating: 255, count: width * height)
        for row in 0..<height {
            for column in 0..<width where bits[row * rowByteCount + column / 8] & (0x80 >> (column % 8)) != 0
            {
                bytes[row * width + column] = 0
            }
        }
        return bytes
    }

    /// Digits 0 (white) and 1 (black), with or without white space between them.
    private mutating func plainBits(_ count: Int) throws(DataFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let digit = try next() else { throw truncated(count, bytes.count, "bits") }
            if Self.isSpace(digit) { continue }
            guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "1") else {
                throw refused("expected 0 or 1, found '\(Self.text([digit]))'")
            }
            bytes.append(digit == UInt8(ascii: "0") ? 255 : 0)
        }
        return bytes
    }

    private func raster(_ count: Int) throws(DataFileError) -> [UInt8] {
        let bytes = try stream.read(upTo: count)
        guard bytes.count == count else {
            throw truncated(expectedBytes: count, foundBytes: bytes.count)
        }
        return bytes
    }

    /// 255 · sample / largest, rounded to the nearest.
    private static func scaled(_ sample: Int, _ largest: Int) -> UInt8 {
        UInt8((sample * 510 + largest) / (2 * largest))
    }

    // MARK: - Text

    private mutating func headerNumber(_ name: String, in range: ClosedRange<Int>) throws(DataFileError)
        -> Int
    {
        guard let number = try number(name) else { throw refused("the header ends too early") }
        guard range.contains(number) else {
            throw refused(
                "expected \(name) from \(range.lowerBound) to \(range.upperBound), found '\(number)'")
        }
        return number
    }

    /// Reads a decimal number with the white space before it and the one byte, or comment, that ends it; `nil` at the end.
    ///
    /// Numbers of more than 2^40 are returned as some number above that.
    private mutating func number(_ name: String) throws(DataFileError) -> Int? {
        var byte = try next()
        while let space = byte, Self.isSpace(space) { byte = try next() }
        guard byte != nil else { return nil }
        var number = 0
        var token: [UInt8] = []
        while let digit = byte, !Self.isSpace(digit) {
            if token.count < 20 { token.append(digit) }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else {
                throw refused("expected \(name), found '\(Self.text(token))'")
            }
            if number <= 1 << 40 { number = 10 * number + Int(digit - UInt8(ascii: "0")) }
            byte = try next()
        }
        return number
    }

    /// The next byte of the text; a comment is the line end that closes it.
    private mutating func next() throws(DataFileError) -> UInt8? {
        let byte = try nextOfText()
        guard byte == UInt8(ascii: "#") else { return byte }
        while let byte = try nextOfText() {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return byte }
        }
        return nil
    }

    private mutating func nextOfText() throws(DataFileError) -> UInt8? {
        let byte = try stream.next()
        textByteCount += 1
        let allowed = Self.textAllowance.byteCount + Self.textAllowance.perFileByte * stream.fileByteCount
        guard textByteCount <= allowed else {
            throw refused(
                "\(stream.fileByteCount) compressed bytes become more than \(allowed) bytes of text")
        }
        return byte
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The bytes for a message, without what a terminal would obey.
    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    // MARK: - Errors

    private func refused(_ reason: String) -> DataFileError {
        DataFileError(file: stream.path, reason: .damagedImage(reason))
    }

    private func tooLarge(_ sample: Int, _ largest: Int) -> DataFileError {
        refused("a value of \(sample) is above the largest, \(largest)")
    }

    private func truncated(expectedBytes: Int, foundBytes: Int) -> DataFileError {
        DataFileError(
            file: stream.path, reason: .truncated(expectedBytes: expectedBytes, foundBytes: foundBytes))
    }

    private func truncated(_ expected: Int, _ found: Int, _ unit: String) -> DataFileError {
        refused("expected \(expected) \(unit), found \(found)")
    }
}
