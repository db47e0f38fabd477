import Foundation

/// The sound in a WAV file: samples of 16, 24 or 32 bits, or floats of 32 bits.
///
/// Source: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), and Microsoft,
/// "Multiple channel audio data and WAVE files" (2007) for the extensible form.
struct WaveFile {
    /// How samples are written.
    enum Format: Equatable, CaseIterable {
        case int16, int24, int32, float32

        var byteCount: Int {
            switch self {
            case .int16: 2
            case .int24: 3
            case .int32, .float32: 4
            }
        }

        /// The number by which integers are divided, so that samples are in -1 ..< 1.
        var scale: Float {
            switch self {
            case .int16: 0x1p15
            case .int24: 0x1p23
            case .int32: 0x1p31
            case .float32: 1
            }
        }
    }

    let sampleRate: Int
    let format: Format
    /// The samples of each channel.
    let channels: [[Float]]

    var count: Int { channels[0].count }

    init(sampleRate: Int, format: Format, channels: [[Float]]) {
        self.sampleRate = sampleRate
        self.format = format
        self.channels = channels
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: ``WaveError``
    init(contentsOf path: String) throws(WaveError) {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw WaveError(path: path, reason: "cannot be read: \(error.localizedDescription)")
        }
        guard bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8),
            bytes[8..<12].elementsEqual("WAVE".utf8)
        else { throw WaveError(path: path, reason: "expected a WAV file, found none") }
        let chunks = try Self.chunks(bytes, path)
        guard let header = chunks["fmt "], header.count >= 16 else {
            throw WaveError(path: path, reason: "has no description of its format")
        }
        func word(_ offset: Int) -> Int {
            Int(bytes[header.lowerBound + offset]) + Int(bytes[header.lowerBound + offset + 1]) << 8
        }
        // The extensible form has the code of the format later.
        let code = word(0) == 0xFFFE && header.count >= 26 ? word(24) : word(0)
        let (channelCount, bits) = (word(2), word(14))
        sampleRate = word(4) + word(6) << 16
        switch (code, bits) {
        case (1, 16): format = .int16
        case (1, 24): format = .int24
        case (1, 32): format = .int32
        case (3, 32): format = .float32
        default:
            throw WaveError(
                path: path,
                reason:
                    "expected integers of 16, 24 or 32 bits or floats of 32 bits, found format \(code) of \(bits) bits"
            )
        }
        guard channelCount >= 1, sampleRate >= 1, word(12) == channelCount * format.byteCount else {
            throw WaveError(path: path, reason: "has a description of its format that contradicts itself")
        }
        guard let data = chunks["data"] else { throw WaveError(path: path, reason: "has no samples") }
        let frame = channelCount * format.byteCount
        guard data.count.isMultiple(of: frame), !data.isEmpty else {
            throw WaveError(
                path: path, reason: "expected whole frames of \(frame) bytes, found \(data.count) bytes")
        }
        channels = Self.samples(bytes[data], format, channelCount)
        guard channels.joined().allSatisfy(\.isFinite) else {
            throw WaveError(path: path, reason: "has a sample that is not finite")
        }
    }

    /// The chunks of a file, by name.
    private static func chunks(_ bytes: [UInt8], _ path: String) throws(WaveError) -> [String: Range<Int>] {
        var chunks: [String: Range<Int>] = [:]
        var start = 12
        while start + 8 <= bytes.count {
            let name = String(decoding: bytes[start..<start + 4], as: UTF8.self)
            let length = (0..<4).reduce(0) { $0 | Int(bytes[start + 4 + $1]) << (8 * $1) }
            guard length <= bytes.count - start - 8 else {
                throw WaveError(
                    path: path,
                    reason: "is truncated: '\(name)' needs \(length) bytes, found \(bytes.count - start - 8)")
            }
            chunks[name] = chunks[name] ?? start + 8..<start + 8 + length
            // Chunks begin at even places.
            start += 8 + length + length % 2
        }
        return chunks
    }

    private static func samples(
        _ bytes: ArraySlice<UInt8>, _ format: Format, _ channelCount: Int
    ) -> [[Float]] {
        let size = format.byteCount
        return (0..<channelCount).map { channel in
            stride(from: bytes.startIndex + channel * size, to: bytes.endIndex, by: channelCount * size).map {
                place in
                let pattern = (0..<size).reduce(UInt32(0)) {
                    $0 | UInt32(bytes[place + $1]) << (8 * $1 + 32 - 8 * size)
                }
                // Integers stand in the upper bits.
                return format == .float32
                    ? Float(bitPattern: pattern) : Float(Int32(bitPattern: pattern)) * 0x1p-31
            }
        }
    }
}

extension WaveFile {
    /// Writes the file at `path`, which gets its name only once complete. Integers are rounded, and clipped at -1 and 1.
    ///
    /// - Returns: The number of samples that were clipped.
    /// - Throws: ``WaveError``
    func write(to path: String) throws(WaveError) -> Int {
        var clipped = 0
        var data = Data(capacity: 58 + count * channels.count * format.byteCount)
        func append(_ value: Int, bytes: Int) {
            for index in 0..<bytes { data.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        let frame = channels.count * format.byteCount
        let length = count * frame
        guard length < Int(UInt32.max) - 64 else {
            throw WaveError(path: path, reason: "expected less than 4 GiB of samples, got \(length) bytes")
        }
        data.append(contentsOf: "RIFF".utf8)
        append(36 + length + length % 2, bytes: 4)
        data.append(contentsOf: "WAVEfmt ".utf8)
        append(16, bytes: 4)
        append(format == .float32 ? 3 : 1, bytes: 2)
        append(channels.count, bytes: 2)
        append(sampleRate, bytes: 4)
        append(sampleRate * frame, bytes: 4)
        append(frame, bytes: 2)
        append(8 * format.byteCount, bytes: 2)
        data.append(contentsOf: "data".utf8)
        append(length, bytes: 4)
        for t in 0..<count {
            for channel in channels {
                if format == .float32 {
                    append(Int(channel[t].bitPattern), bytes: 4)
                } else {
                    let scaled = (Double(channel[t]) * Double(format.scale)).rounded()
                    let value = min(max(scaled, -Double(format.scale)), Double(format.scale) - 1)
                    if value != scaled { clipped += 1 }
                    append(Int(value), bytes: format.byteCount)
                }
            }
        }
        if length % 2 == 1 { data.append(0) }
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw WaveError(path: path, reason: "cannot be written: \(error.localizedDescription)")
        }
        return clipped
    }
}

/// What is wrong with a WAV file.
struct WaveError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
}
