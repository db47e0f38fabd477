import CPNG
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct RasterImageTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/image" }

    init() throws { folder = try TemporaryFolder() }

    static func image(_ width: Int, _ height: Int, _ channels: Int) -> RasterImage {
        var numbers = SplitMix64.announced(seed: UInt64(width * 100 + height))
        return RasterImage(
            width: width, height: height, channels: channels,
            bytes: (0..<width * height * channels).map { _ in UInt8.random(in: 0...255, using: &numbers) })
    }

    func reason(of bytes: [UInt8], limit: Int = 1 << 20) throws -> DataFileError.Reason? {
        let file = try folder.write(bytes, to: "image")
        do throws(DataFileError) {
            _ = try RasterImage(contentsOf: file, maximumByteCount: limit)
            return nil
        } catch {
            #expect(error.file == file && error.description.hasPrefix(file))
            return error.reason
        }
    }

    // MARK: - PNG

    @Test(arguments: [(1, 1), (7, 3), (64, 65), (300, 2)], [1, 3])
    func comesBackFromPNG(size: (Int, Int), channels: Int) throws {
        let image = Self.image(size.0, size.1, channels)
        try image.write(toPNG: path)
        #expect(try RasterImage(contentsOf: path) == image)
    }

    /// Colors behind a mask: where it is 0, black; where it is 255, as they are.
    @Test func blackShinesThrough() throws {
        var header = png_image()
        header.version = UInt32(PNG_IMAGE_VERSION)
        (header.width, header.height) = (2, 1)
        header.format = PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA
        let pixels: [UInt8] = [200, 100, 50, 0, 200, 100, 50, 255]
        try #require(png_image_write_to_file(&header, path, 0, pixels, 0, nil) != 0)
        let image = try RasterImage(contentsOf: path)
        #expect(image == RasterImage(width: 2, height: 1, channels: 3, bytes: [0, 0, 0, 200, 100, 50]))
    }

    @Test func refusesWhatIsCutOff() throws {
        try Self.image(9, 7, 3).write(toPNG: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // The last twelve bytes say that it is the end; an image without them is whole.
        for count in 0..<bytes.count - 12 {
            #expect(try reason(of: Array(bytes[..<count])) != nil, "\(count) of \(bytes.count) bytes")
        }
    }

    /// Every chunk has a checksum: no changed byte goes unnoticed, but for those of the end.
    @Test func refusesDamage() throws {
        let image = Self.image(9, 7, 1)
        try image.write(toPNG: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var unnoticed = 0
        for index in bytes.indices.dropLast(12) {
            var damaged = bytes
            damaged[index] ^= 0x10
            guard try reason(of: damaged) == nil else { continue }
            // An ancillary chunk is skipped where it is damaged, which leaves the image as it was.
            #expect(try RasterImage(contentsOf: path) == image, "byte \(index)")
            unnoticed += 1
        }
        #expect(unnoticed < bytes.count / 4, "\(unnoticed) of \(bytes.count)")
    }

    @Test func refusesWhatIsTooLarge() throws {
        try Self.image(10, 10, 3).write(toPNG: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(try reason(of: bytes, limit: 299) == .tooLarge(shape: [10, 10, 3], maximumBytes: 299))
        #expect(try reason(of: bytes, limit: 300) == nil)
    }

    @Test func leavesWhatItCannotReplace() throws {
        let image = Self.image(2, 2, 1)
        let missing = folder.path + "/nowhere/image.png"
        #expect(throws: DataFileError.self) { try image.write(toPNG: missing) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: DataFileError.self) { try image.write(toPNG: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }

    @Test func refusesWhatIsNotThere() {
        #expect(throws: DataFileError.self) { try RasterImage(contentsOf: folder.path + "/nothing") }
    }
}
