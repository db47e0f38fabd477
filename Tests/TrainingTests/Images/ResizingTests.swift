import TestSupport
import Testing
import Training

/// Resized and converted images are those of Pillow 13.0.0: `resize` with BILINEAR, and `convert`.
///
/// Pillow's weights have 22 bits, and it rounds after rows and after columns; here, there is one rounding. So a
/// value may differ by 1.
@Suite struct ResizingTests {
    private static let gray = RasterImage(
        width: 5, height: 4, channels: 1, bytes: (0..<20).map { UInt8($0 * 37 % 256) })
    private static let color = RasterImage(
        width: 3, height: 2, channels: 3,
        bytes: [255, 0, 10, 0, 128, 255, 9, 8, 7, 200, 100, 50, 1, 2, 3, 255, 255, 255])

    private func expectClose(_ image: RasterImage, _ expected: [Int]) {
        #expect(image.bytes.count == expected.count)
        let differences = zip(image.bytes, expected).map { abs(Int($0) - $1) }
        #expect(differences.allSatisfy { $0 <= 1 }, "\(image.bytes) for \(expected)")
    }

    @Test(arguments: [
        (2, 2, [103, 90, 121, 135]),
        (
            8, 3,
            [
                55, 71, 90, 65, 65, 88, 111, 127, 150, 166, 181, 124, 108, 131, 82, 42, 64, 80, 103, 126, 150,
                173, 153,
                136,
            ]
        ),
        (
            5, 9,
            [
                0, 37, 74, 111, 148, 31, 68, 62, 99, 136, 113, 150, 31, 68, 105, 181, 218, 13, 50, 73, 150,
                187, 96, 133,
                42, 118, 155, 178, 215, 10, 86, 123, 160, 197, 78, 55, 92, 129, 166, 160, 43, 80, 117, 154,
                191,
            ]
        ),
        (1, 1, [111]), (3, 4, [16, 74, 132, 201, 60, 61, 130, 188, 100, 59, 117, 175]),
    ]) func resizesGray(width: Int, height: Int, expected: [Int]) {
        let resized = Self.gray.resized(width: width, height: height)
        #expect(resized.width == width && resized.height == height && resized.channels == 1)
        expectClose(resized, expected)
    }

    @Test func resizesAndConvertsColor() {
        expectClose(
            Self.color.resized(width: 2, height: 3),
            [159, 48, 102, 6, 53, 100, 142, 56, 67, 83, 107, 131, 125, 63, 32, 160, 160, 161])
        #expect(Self.color.converted(toChannels: 1).bytes == [77, 104, 8, 124, 2, 255])
        let gray = Self.gray.converted(toChannels: 3)
        #expect(gray.channels == 3 && gray.bytes == Self.gray.bytes.flatMap { [$0, $0, $0] })
        #expect(gray.converted(toChannels: 1) == Self.gray)
    }

    @Test func identities() {
        for image in [Self.gray, Self.color] {
            #expect(image.resized(width: image.width, height: image.height) == image)
            #expect(image.inverted.inverted == image)
            #expect(image.converted(toChannels: image.channels) == image)
        }
        #expect(Self.gray.inverted.bytes.first == 255)
    }

    /// Constant images stay constant, whatever the sizes: weights add up to 1.
    @Test(arguments: [0, 1, 127, 255] as [UInt8]) func keepsConstants(value: UInt8) {
        for (width, height) in [(1, 1), (2, 3), (7, 5), (64, 1)] {
            let image = RasterImage(
                width: width, height: height, channels: 1,
                bytes: Array(repeating: value, count: width * height))
            for (newWidth, newHeight) in [(1, 1), (3, 2), (31, 17), (1, 64)] {
                #expect(image.resized(width: newWidth, height: newHeight).bytes.allSatisfy { $0 == value })
            }
        }
    }

    /// Every pixel twice as wide and high is as good as before: the mean of four equal pixels, up to its neighbors' share.
    @Test func reducesEnlargedImages() {
        var numbers = SplitMix64.announced(seed: 3)
        let bytes = (0..<64).map { _ in UInt8(numbers.next() % 256) }
        let image = RasterImage(width: 8, height: 8, channels: 1, bytes: bytes)
        let enlarged = image.resized(width: 80, height: 80)
        #expect(enlarged.bytes.min()! >= bytes.min()! && enlarged.bytes.max()! <= bytes.max()!)
        let mean = { (image: RasterImage) in
            image.bytes.reduce(0.0) { $0 + Double($1) } / Double(image.bytes.count)
        }
        // Borders are repeated, which moves the mean by at most their share of 4 in 80 on each side.
        #expect(abs(mean(enlarged) - mean(image)) < 255 * 4 * 4 / 80)
    }

    /// Long rows and columns: 2^24 values, all of one level or with the mean 127.5, in a time and memory of their own order.
    @Test(arguments: [true, false]) func resizesLongImages(isWide: Bool) {
        let count = 1 << 24
        for bytes in [
            [UInt8](repeating: 255, count: count), (0..<count).map { UInt8($0 % 2 == 0 ? 100 : 155) },
        ] {
            let image = RasterImage(
                width: isWide ? count : 1, height: isWide ? 1 : count, channels: 1, bytes: bytes)
            let expected = bytes[1] == 255 ? [255] : [127, 128]
            for (width, height) in [(28, 28), (1, 1), (3, 1), (1, 3)] {
                let resized = image.resized(width: width, height: height)
                #expect(resized.bytes.allSatisfy { expected.contains(Int($0)) }, "\(resized.bytes)")
            }
        }
    }
}
