import TestSupport
import Testing

@testable import Training

/// PNG files of all kinds. Expected values are those of Pillow 13.0.0: converted to L or RGB, with alpha pasted over black.
@Suite struct PNGKindTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let palette = ("PLTE", [10, 20, 30, 200, 100, 50, 0, 255, 128, 77, 77, 77] as [UInt8])

    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var depth: Int
        var colorType: Int
        var samples: [Int]
        var chunks: [(String, [UInt8])] = []
        /// One row.
        var pixels: [UInt8]

        init(
            _ name: String, _ depth: Int, _ colorType: Int, _ samples: [Int], _ chunks: [(String, [UInt8])],
            _ pixels: [UInt8]
        ) {
            (testDescription, self.depth, self.colorType) = (name, depth, colorType)
            (self.samples, self.chunks, self.pixels) = (samples, chunks, pixels)
        }
    }

    static let kinds = [
        Kind("gray of 1 bit", 1, 0, [1, 0, 0, 1, 1], [], [255, 0, 0, 255, 255]),
        Kind("gray of 2 bits", 2, 0, [0, 1, 2, 3, 1], [], [0, 85, 170, 255, 85]),
        Kind("gray of 4 bits", 4, 0, [0, 1, 7, 14, 15], [], [0, 17, 119, 238, 255]),
        Kind("a transparent gray", 8, 0, [3, 9, 15], [("tRNS", [0, 9])], [3, 0, 15]),
        // Pillow compares 9 with the expanded 153; by the PNG specification it is a sample of the file's depth.
        Kind("a transparent gray of 4 bits", 4, 0, [3, 9, 15], [("tRNS", [0, 9])], [51, 0, 255]),
        Kind(
            "a transparent color", 8, 2, [9, 8, 7, 9, 8, 6], [("tRNS", [0, 9, 0, 8, 0, 7])],
            [0, 0, 0, 9, 8, 6]),
        Kind("gray and alpha", 8, 4, [200, 0, 200, 255, 200, 128, 77, 3], [], [0, 200, 100, 1]),
        Kind(
            "RGB and alpha", 8, 6, [200, 100, 50, 0, 200, 100, 50, 255, 201, 99, 1, 101], [],
            [0, 0, 0, 200, 100, 50, 80, 39, 0]),
        Kind("palette of 1 bit", 1, 3, [0, 1], [palette], [10, 20, 30, 200, 100, 50]),
        Kind(
            "palette of 2 bits", 2, 3, [0, 1, 2, 3], [palette],
            [10, 20, 30, 200, 100, 50, 0, 255, 128, 77, 77, 77]),
        Kind("palette of 4 bits", 4, 3, [3, 0, 2], [palette], [77, 77, 77, 10, 20, 30, 0, 255, 128]),
        Kind("palette of 8 bits", 8, 3, [1, 3, 0], [palette], [200, 100, 50, 77, 77, 77, 10, 20, 30]),
        Kind(
            "palette with alpha", 8, 3, [0, 1, 2, 3], [palette, ("tRNS", [0, 128, 254])],
            [0, 0, 0, 100, 50, 25, 0, 254, 127, 77, 77, 77]),
        Kind("an index beyond the palette", 8, 3, [1, 9], [palette], [200, 100, 50, 0, 0, 0]),
        Kind("gAMA 1", 8, 0, [1, 100, 200], [("gAMA", bigEndian(100_000, 4))], [1, 100, 200]),
        Kind("gAMA 0.1", 8, 2, [1, 100, 200], [("gAMA", bigEndian(10_000, 4))], [1, 100, 200]),
        Kind("sRGB", 8, 0, [1, 100, 200], [("sRGB", [0])], [1, 100, 200]),
        Kind(
            "gAMA and cHRM", 8, 2, [1, 100, 200],
            [
                ("gAMA", bigEndian(45455, 4)),
                (
                    "cHRM",
                    [31270, 32900, 15000, 33000, 30000, 60000, 64000, 6000].flatMap { bigEndian($0, 4) }
                ),
            ], [1, 100, 200]),
        Kind(
            "iCCP", 8, 2, [1, 100, 200],
            [("iCCP", [0x78, 0, 0] + compressed([UInt8](repeating: 0, count: 200)))],
            [1, 100, 200]),
    ]

    func read(_ file: PNGFile) throws -> RasterImage {
        try RasterImage(contentsOf: try folder.write(file.bytes, to: "image.png"))
    }

    @Test(arguments: kinds, [false, true]) func hasPixelsOfPillow(kind: Kind, isInterlaced: Bool) throws {
        let channels = kind.colorType == 0 || kind.colorType == 4 ? 1 : 3
        let width = kind.pixels.count / channels
        let image = try read(
            PNGFile(
                width: width, height: 1, depth: kind.depth, colorType: kind.colorType, samples: kind.samples,
                chunks: kind.chunks, isInterlaced: isInterlaced))
        #expect(
            image == RasterImage(width: width, height: 1, channels: channels, bytes: kind.pixels))
    }

    /// Where Pillow takes the higher byte, samples of 16 bits are rounded: v / 257, whose halves do not occur.
    @Test(arguments: [0, 2, 4, 6], [false, true])
    func samplesOf16BitsAreRounded(colorType: Int, isInterlaced: Bool) throws {
        let values = [
            0, 16448, 32768, 49344, 65535, 128, 129, 385, 386, 65406, 65407, 257, 256, 255, 511, 512,
        ]
        let expected: [UInt8] = [0, 64, 128, 192, 255, 0, 1, 1, 2, 254, 255, 1, 1, 1, 2, 2]
        let colors = colorType & 2 == 0 ? 1 : 3
        let image = try read(
            PNGFile(
                width: 8, height: 2, depth: 16, colorType: colorType,
                samples: values.flatMap {
                    [Int](repeating: $0, count: colors) + (colorType & 4 == 0 ? [] : [65535])
                }, isInterlaced: isInterlaced))
        #expect(image.bytes == expected.flatMap { [UInt8](repeating: $0, count: colors) })
    }

    /// 16 bits are the same image as their twin of 8 bits, whatever is said of gamma.
    @Test(arguments: [[], [("gAMA", bigEndian(100_000, 4))], [("sRGB", [0])]] as [[(String, [UInt8])]])
    func twinOf8Bits(chunks: [(String, [UInt8])]) throws {
        for colorType in [0, 2, 4, 6] {
            let count = [0: 1, 2: 3, 4: 2, 6: 4][colorType]! * 256
            let samples = (0..<count).map { ($0 * 7 + $0 / 256) % 256 }
            var file = PNGFile(
                width: 16, height: 16, depth: 8, colorType: colorType, samples: samples, chunks: chunks)
            let image = try read(file)
            file.depth = 16
            file.samples = samples.map { $0 * 257 }
            #expect(try read(file) == image, "color type \(colorType)")
        }
    }

    /// A transparent color of 16 bits is compared before it is rounded.
    @Test func transparentColorOf16Bits() throws {
        let image = try read(
            PNGFile(
                width: 2, height: 1, depth: 16, colorType: 0, samples: [25_700, 25_701],
                chunks: [("tRNS", bigEndian(25_700, 2))]))
        #expect(image.bytes == [0, 100])
    }

    /// Sizes at which some passes have no pixels, and all depths.
    @Test(arguments: [(1, 1), (2, 3), (4, 4), (5, 1), (1, 5), (8, 8), (9, 5), (17, 10)])
    func interlacedIsThePlainTwin(size: (Int, Int)) throws {
        for (colorType, depths) in [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (6, [8, 16])] {
            for depth in depths {
                let count = size.0 * size.1 * [0: 1, 2: 3, 3: 1, 6: 4][colorType]!
                let limit = colorType == 3 ? min(4, 1 << depth) : 1 << depth
                var file = PNGFile(
                    width: size.0, height: size.1, depth: depth, colorType: colorType,
                    samples: (0..<count).map { ($0 * 37 + $0 / 9 * 11) % limit },
                    chunks: colorType == 3 ? [Self.palette] : [])
                let plain = try read(file)
                file.isInterlaced = true
                #expect(try read(file) == plain, "color type \(colorType), \(depth) bits")
            }
        }
    }

    /// Sums of Pillow for files of 9 columns and 5 rows, interlaced.
    @Test func interlacedHasSumsOfPillow() throws {
        for (depth, colorType, sum) in [(8, 0, 5364), (8, 2, 17124), (1, 0, 5100), (4, 3, 10540)] {
            let count = 45 * (colorType == 2 ? 3 : 1)
            let limit = colorType == 3 ? 4 : 1 << depth
            let image = try read(
                PNGFile(
                    width: 9, height: 5, depth: depth, colorType: colorType,
                    samples: (0..<count).map { ($0 * 37 + $0 / 9 * 11) % limit },
                    chunks: colorType == 3 ? [Self.palette] : [], isInterlaced: true))
            #expect(image.bytes.reduce(0) { $0 + Int($1) } == sum)
        }
    }

    /// What was read is written and read back the same, whatever kind it was of.
    @Test(arguments: kinds) func comesBack(kind: Kind) throws {
        let width = kind.pixels.count / (kind.colorType & 3 == 0 ? 1 : 3)
        let image = try read(
            PNGFile(
                width: width, height: 1, depth: kind.depth, colorType: kind.colorType, samples: kind.samples,
                chunks: kind.chunks))
        #expect(try RasterImage(contentsOf: try folder.write(image.png, to: "copy.png")) == image)
    }
}
