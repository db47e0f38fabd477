import Runtime

/// An image of 8 bits a channel, gray or RGB.
public struct RasterImage: Equatable, Sendable {
    /// The number of columns, at least 1.
    public let width: Int
    /// The number of rows, at least 1.
    public let height: Int
    /// 1 for gray, 3 for red, green and blue.
    public let channels: Int
    /// The rows from the top; in each the pixels from the left, with their channels side by side.
    public var bytes: [UInt8]

    /// An image of the given bytes.
    public init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
        require(
            width >= 1 && height >= 1 && (channels == 1 || channels == 3)
                && bytes.count == width * height * channels,
            "expected at least one pixel of 1 or 3 channels and a byte for each, got \(width)x\(height)x\(channels) "
                + "and \(bytes.count) bytes")
        self.width = width
        self.height = height
        self.channels = channels
        self.bytes = bytes
    }

    /// Reads a PNG file, or a binary PGM or PPM file (P5, P6), whichever it is by its first bytes.
    ///
    /// PNG images of any kind become gray or RGB of 8 bits; where they are transparent, black shines through.
    ///
    /// - Throws: ``DataFileError`` for a file that cannot be read, is none of these, is damaged, ends too early, or
    ///   whose image would take more than `maximumByteCount` bytes, which is found out before any memory is taken for
    ///   it.
    /// - Complexity: O(*n*), where *n* is the number of bytes of the file and of the image.
    public init(contentsOf file: String, maximumByteCount: Int = 1 << 28) throws(DataFileError) {
        let stream = try ByteStream(path: file)
        let magic = try stream.read(upTo: 8)
        if magic == Self.signatureOfPNG {
            // Incompressible rows are stored with some bytes beside them: the file of an image of the largest size is
            // less than twice as large.
            let limit = 2 * maximumByteCount + 1 << 16
            let contents = magic + (try stream.read(upTo: limit))
            try self.init(png: contents, file: file, maximumByteCount: maximumByteCount)
        } else if magic.starts(with: Array("P5".utf8)) || magic.starts(with: Array("P6".utf8)) {
            var map = PortableMap(stream, head: magic)
            self = try map.image(maximumByteCount: maximumByteCount)
        } else {
            throw DataFileError(file: file, reason: .notImage(foundBytes: magic))
        }
    }

    static let signatureOfPNG: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Refuses sizes of which no image can be made.
    static func checkSize(
        width: Int, height: Int, channels: Int, maximumByteCount: Int, file: String
    ) throws(DataFileError) {
        let pixels = width.multipliedReportingOverflow(by: height)
        let bytes = pixels.partialValue.multipliedReportingOverflow(by: channels)
        guard !pixels.overflow, !bytes.overflow, bytes.partialValue <= maximumByteCount else {
            throw DataFileError(
                file: file,
                reason: .tooLarge(shape: [height, width, channels], maximumBytes: maximumByteCount))
        }
    }
}
