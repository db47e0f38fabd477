import CPNG
import CPNGReader
import Foundation
import Runtime
import Tensors

extension RasterImage {
    /// The image in the contents of a PNG file.
    init(png contents: [UInt8], file: String, maximumByteCount: Int) throws(DataFileError) {
        func damage(_ reason: String) -> DataFileError {
            DataFileError(file: file, reason: .damagedImage(reason))
        }
        self = try contents.withUnsafeBufferPointer { (contents) throws(DataFileError) in
            guard let reader = png_reader_create(contents.baseAddress, contents.count) else {
                throw damage("no memory for libpng")
            }
            defer { png_reader_destroy(reader) }
            var header = png_reader_header()
            guard png_reader_read_header(reader, &header) != 0 else {
                throw damage(String(cString: png_reader_error(reader)))
            }
            let (width, height) = (Int(header.width), Int(header.height))
            // Of 2 and of 4 channels the last one is alpha.
            let (found, channels) = (Int(header.channels), header.channels < 3 ? 1 : 3)
            try Self.checkSize(
                width: width, height: height, channels: found, maximumByteCount: maximumByteCount,
                file: file)
            // Deflate makes at most 258 bytes of two bits: no memory is taken for pixels that cannot be there.
            guard width * height / 1032 <= 8 * contents.count / Int(header.bits_per_pixel) else {
                throw damage("\(width)x\(height) pixels cannot be in \(contents.count) bytes")
            }
            var pixels = [UInt8](repeating: 0, count: width * height * found)
            guard png_reader_read_pixels(reader, &pixels) != 0 else {
                throw damage(String(cString: png_reader_error(reader)))
            }
            if let reason = PNGChunks.damage(in: contents) { throw damage(reason) }
            if found != channels { Self.blendOverBlack(&pixels, colorCount: channels) }
            return RasterImage(width: width, height: height, channels: channels, bytes: pixels)
        }
    }

    /// Multiplies the colors of pixels by their alpha, which follows them and is removed.
    private static func blendOverBlack(_ pixels: inout [UInt8], colorCount: Int) {
        let pixelCount = pixels.count / (colorCount + 1)
        pixels.withUnsafeMutableBufferPointer { pixels in
            for pixel in 0..<pixelCount {
                let source = pixel * (colorCount + 1)
                let alpha = Int(pixels[source + colorCount])
                for color in 0..<colorCount {
                    // Rounded to the nearest; 255 is odd, so nothing lies halfway.
                    pixels[pixel * colorCount + color] = UInt8(
                        (Int(pixels[source + color]) * alpha + 127) / 255)
                }
            }
        }
        pixels.removeLast(pixelCount)
    }

    /// Writes a PNG file. An existing file is replaced atomically or, on failure, stays.
    ///
    /// - Throws: ``DataFileError``.
    public func write(toPNG file: String) throws(DataFileError) {
        try AtomicFile.write(png, to: file)
    }

    /// The contents of a PNG file of the image.
    ///
    /// - Complexity: O(*n*), where *n* is the number of bytes.
    public var png: [UInt8] {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        (image.width, image.height) = (UInt32(width), UInt32(height))
        image.format = channels == 1 ? 0 : PNG_FORMAT_FLAG_COLOR
        defer { png_image_free(&image) }
        // Enough even where nothing can be compressed: a byte for each row, and chunks of a few bytes for each 8 KiB.
        var contents = [UInt8](repeating: 0, count: 2 * (bytes.count + height) + 1 << 12)
        var count = png_alloc_size_t(contents.count)
        let isWritten = png_image_write_to_memory(
            &image, &contents, &count, 0, bytes, Int32(width * channels), nil)
        require(isWritten != 0, "expected an image that libpng can write, got \(image.text)")
        return Array(contents[..<Int(count)])
    }
}

extension png_image {
    /// libpng's message.
    fileprivate var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
