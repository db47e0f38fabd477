import Foundation

/// The bytes of a WAV file, written apart from the module's own writer.
struct WaveBytes {
    var form = "RIFF"
    var code = 1
    var bits = 16
    var channels = 1
    var rate = 48_000
    /// The bytes of the samples.
    var samples: [UInt8] = [1, 2, 3, 4]
    /// The length that the chunk of samples says; `nil` for the right one.
    var length: Int?
    /// What stands between the beginning and the description of the format.
    var before: [UInt8] = []
    /// What follows the first 16 bytes of the description.
    var further: [UInt8] = []
    /// The bytes of a frame; `nil` for the right number.
    var frame: Int?

    static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A chunk with its length.
    static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        Array(name.utf8) + little(bytes.count, 4) + bytes + (bytes.count % 2 == 1 ? [0] : [])
    }

    /// The chunk of the lengths of a long file.
    static func lengths(samples: UInt64) -> [UInt8] {
        chunk("ds64", little(-1, 8) + little(Int(bitPattern: UInt(samples)), 8) + little(0, 12))
    }

    var bytes: [UInt8] {
        let size = frame ?? channels * bits / 8
        let format =
            Self.little(code, 2) + Self.little(channels, 2) + Self.little(rate, 4)
            + Self.little(rate * size, 4)
            + Self.little(size, 2) + Self.little(bits, 2) + further
        return Array(form.utf8) + Self.little(-1, 4) + Array("WAVE".utf8) + before
            + Self.chunk("fmt ", format)
            + Array("data".utf8) + Self.little(length ?? samples.count, 4) + samples
    }
}
