import CZlib

/// PNG files of any kind, built from their samples.
struct PNGFile {
    var width: Int
    var height: Int
    /// The bits of a sample.
    var depth: Int
    /// 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.
    var colorType: Int
    /// The samples of the pixels, row by row.
    var samples: [Int]
    /// The chunks between header and pixels.
    var chunks: [(name: String, contents: [UInt8])] = []
    /// The chunks between pixels and end.
    var laterChunks: [(name: String, contents: [UInt8])] = []
    var isInterlaced = false

    private var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType]! }

    /// The passes of Adam7: the first column and row, and the distances between columns and between rows.
    private static let adam7 = [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ]

    /// The filtered rows, all without filter.
    private var rows: [UInt8] {
        var rows: [UInt8] = []
        for (left, top, right, down) in isInterlaced ? Self.adam7 : [(0, 0, 1, 1)] where left < width {
            for y in stride(from: top, to: height, by: down) {
                rows.append(0)
                var bits = 0
                for x in stride(from: left, to: width, by: right) {
                    for sample in samples[(y * width + x) * channels..<(y * width + x + 1) * channels] {
                        for bit in (0..<depth).reversed() {
                            if bits % 8 == 0 { rows.append(0) }
                            rows[rows.count - 1] |= UInt8(sample >> bit & 1) << (7 - bits % 8)
                            bits += 1
                        }
                    }
                }
            }
        }
        return rows
    }

    /// The contents of the file.
    var bytes: [UInt8] {
        let header =
            bigEndian(width, 4) + bigEndian(height, 4)
            + [UInt8(depth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0]
        return Self.signature + Self.chunk("IHDR", header)
            + chunks.flatMap { Self.chunk($0.name, $0.contents) }
            + Self.chunk("IDAT", compressed(rows))
            + laterChunks.flatMap { Self.chunk($0.name, $0.contents) } + Self.chunk("IEND", [])
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func chunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
        let checked = Array(name.utf8) + contents
        let sum = crc32(0, checked, UInt32(checked.count))
        return bigEndian(contents.count, 4) + checked + bigEndian(Int(sum), 4)
    }
}

/// The lowest bytes of a number, the highest one first.
func bigEndian(_ number: Int, _ byteCount: Int) -> [UInt8] {
    (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

/// A stream of zlib.
func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(count))
    precondition(compress2(&result, &count, bytes, UInt(bytes.count), 9) == Z_OK)
    return Array(result[..<Int(count)])
}
