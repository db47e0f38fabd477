import CPNG
import Foundation
import Runtime
import Tensors

extension RasterImage {
    /// The image in the contents of a PNG file.
    init(png contents: [UInt8], file: String, maximumByteCount: Int) throws(DataFileError) {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        func damage() -> DataFileError {
            DataFileError(file: file, reason: .damagedImage(image.text))
        }
        // The simplified interface returns 0 and a message where libpng would call longjmp. It keeps the pointer to the
        // contents.
        let result = contents.withUnsafeBytes { contents -> Result<RasterImage, DataFileError> in
            guard png_image_begin_read_from_memory(&image, contents.baseAddress, contents.count) != 0 else {
                return .failure(damage())
            }
            let (width, height) = (Int(image.width), Int(image.height))
            let channels = image.format & PNG_FORMAT_FLAG_COLOR == 0 ? 1 : 3
            do throws(DataFileError) {
                try Self.checkSize(
                    width: width, height: height, channels: channels, maximumByteCount: maximumByteCount,
                    file: file)
            } catch {
                return .failure(error)
            }
            image.format = channels == 1 ? 0 : PNG_FORMAT_FLAG_COLOR
            var bytes = [UInt8](repeating: 0, count: width * height * channels)
            var background = png_color(red: 0, green: 0, blue: 0)
            guard
                png_image_finish_read(&image, &background, &bytes, Int32(width * channels), nil) != 0
            else {
                return .failure(damage())
            }
            return .success(RasterImage(width: width, height: height, channels: channels, bytes: bytes))
        }
        self = try result.get()
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
