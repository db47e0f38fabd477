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

    /// Reads a PNG file or a Netpbm file (PBM, PGM or PPM, plain or raw: P1 to P6), told apart by the first bytes; either
    /// may be gzip-compressed, and come through a pipe.
    ///
    /// Pixels become gray or RGB of 8 bits:
    ///
    /// * Samples of 16 bits are scaled to round(*v* / 257); those of PGM and PPM files with the largest value *m* to
    ///   round(255 *v* / *m*); gray of 1, 2 and 4 bits, and bitmaps, by 255, 85 and 17.
    /// * Palettes become RGB, also where all their colors are gray. An index beyond the palette is black.
    /// * Transparent pixels, by an alpha channel or a tRNS chunk, are blended over black: round(*v* *a* / 255), of samples
    ///   of 8 bits. What color hides behind full transparency does not matter.
    /// * Gamma and color profiles (gAMA, cHRM, sRGB, iCCP) are ignored, as by Pillow: samples stay what they are.
    /// * Interlaced PNG files (Adam7) have the pixels of their plain twins.
    /// * What follows the first image of a PNG or Netpbm file is ignored. A compressed file is read to its end nevertheless,
    ///   to compare its checksum.
    ///
    /// - Throws: ``DataFileError`` for a file that cannot be read, is none of these, is damaged, ends too early, or
    ///   whose pixels, with their alpha, would take more than `maximumByteCount` bytes, which is checked before they are
    ///   allocated; samples of PGM and PPM files with a largest value above 255 count as two bytes. A compressed file of *n*
    ///   bytes may inflate to 64 MiB + 256 *n* bytes.
    /// - Complexity: O(*n*), where *n* is the number of bytes of the file and of the image.
    public init(contentsOf file: String, maximumByteCount: Int = 1 << 27) throws(DataFileError) {
        try self.init(ByteStream(path: file), maximumByteCount: maximumByteCount)
    }

    init(_ stream: ByteStream, maximumByteCount: Int) throws(DataFileError) {
        let magic = try stream.peek(upTo: 8)
        if magic == Self.signatureOfPNG {
            // Rows that cannot be compressed are stored with some bytes beside them, and of 16 bits with alpha a pixel has
            // four times the bytes: the file of an image of the largest size is less than six times as large.
            let limit = max(1 << 16, 6 * min(maximumByteCount, 1 << 48))
            let contents = try stream.read(upTo: limit)
            guard try stream.read(upTo: 1).isEmpty else {
                throw DataFileError(file: stream.path, reason: .tooManyBytes(maximumBytes: limit))
            }
            try self.init(png: contents, file: stream.path, maximumByteCount: maximumByteCount)
        } else if var map = PortableMap(stream, magic: magic) {
            self = try map.image(maximumByteCount: maximumByteCount)
        } else {
            throw DataFileError(file: stream.path, reason: .notImage(foundBytes: magic))
        }
    }

    static let signatureOfPNG: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Throws for sizes above the maximum.
    static func checkSize(
        width: Int, height: Int, channels: Int, bytesPerSample: Int = 1, maximumByteCount: Int, file: String
    ) throws(DataFileError) {
        let pixels = width.multipliedReportingOverflow(by: height)
        let bytes = pixels.partialValue.multipliedReportingOverflow(by: channels * bytesPerSample)
        guard !pixels.overflow, !bytes.overflow, bytes.partialValue <= maximumByteCount else {
            throw DataFileError(
                file: file,
                reason: .tooLarge(
                    shape: [height, width, channels] + (bytesPerSample == 1 ? [] : [bytesPerSample]),
                    maximumBytes: maximumByteCount))
        }
    }
}
