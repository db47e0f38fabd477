import Convolution
import Foundation
import TestSupport
import Testing

@testable import SignalFiles

/// Samples of all formats, written and read; headers of all forms.
@Suite struct WaveFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func error(_ bytes: [UInt8]) throws -> String {
        let file = try folder.write(bytes, to: "file.wav")
        do {
            let _: [Float] = try SignalReader(contentsOf: file).readToEnd()
            return ""
        } catch { return "\(error)".replacingOccurrences(of: file + ": ", with: "") }
    }

    /// Writes samples `[channels, frames]` and reads them.
    private func roundTrip<Scalar: ConvolutionScalar>(
        _ samples: [Scalar], _ format: SampleFormat, channels: Int, isRaw: Bool, knowsLength: Bool
    ) throws -> (samples: [Scalar], levels: SampleLevels) {
        let description = SignalDescription(format: format, channels: channels, sampleRate: 44_100)
        let frames = samples.count / channels
        let file = folder.file("round-trip")
        let writer =
            isRaw
            ? try SignalWriter(raw: file, description)
            : try SignalWriter(wave: file, description, frameCount: knowsLength ? frames : nil)
        // In two parts.
        try samples.withUnsafeBufferPointer {
            try writer.write($0.baseAddress!, stride: frames, count: frames / 3)
            try writer.write($0.baseAddress! + frames / 3, stride: frames, count: frames - frames / 3)
        }
        try writer.commit()
        let reader = try SignalReader(contentsOf: file, as: isRaw ? .raw(description) : .wave)
        #expect(reader.description == description && reader.frameCount == frames)
        return (try reader.readToEnd(), writer.levels)
    }

    /// Every number of 16 bits; others at the ends of their ranges, around powers of two and at random.
    @Test(arguments: SampleFormat.allCases, [1, 2, 3, 7]) func everyFormat(
        _ format: SampleFormat, channels: Int
    )
        throws
    {
        var numbers = seededNumbers()
        var values: [Double]
        switch format {
        case .int16: values = (-32_768...32_767).map { Double($0) * 0x1p-15 }
        case .int24, .int32:
            let half = format == .int24 ? 1 << 23 : 1 << 31
            let powers = (0..<23).map { 1 << $0 }
            let integers =
                [-half, -half + 1, half - 1, 0] + powers + powers.map(-) + powers.map { half - $0 }
            values = (integers + (0..<5000).map { _ in Int.random(in: -half..<half, using: &numbers) })
                .map { Double($0) / Double(half) }
        case .float32:
            values = [Float.greatestFiniteMagnitude, -.leastNonzeroMagnitude, -0.0, 3].map(Double.init)
            values += (0..<5000).map { _ in Double(Float.random(in: -2...2, using: &numbers)) }
        case .float64:
            values = [.greatestFiniteMagnitude, -.leastNonzeroMagnitude, 3]
            values += (0..<5000).map { _ in .random(in: -2...2, using: &numbers) }
        }
        values.removeLast(values.count % channels)
        for (isRaw, knowsLength) in [(true, false), (false, true), (false, false)] {
            let doubles = try roundTrip(
                values, format, channels: channels, isRaw: isRaw, knowsLength: knowsLength)
            // The bits: nothing is rounded.
            #expect(doubles.samples == values)
            #expect(doubles.levels.clippedCount == 0)
            #expect(doubles.levels.peak == values.map(abs).max())
            guard !format.needsDouble else { continue }
            let floats = values.map { Float($0) }
            let read = try roundTrip(
                floats, format, channels: channels, isRaw: isRaw, knowsLength: knowsLength)
            #expect(read.samples == floats)
        }
    }

    @Test func roundsAndClips() throws {
        let step = 0x1p-15
        let values = [
            0.5 * step, 1.5 * step, -0.5 * step, 0.51 * step, 1, 2, -1, -1 - 0.4 * step, -1.5, 1e30,
        ]
        let expected = [0, 2 * step, 0, step, 1 - step, 1 - step, -1, -1, -1, 1 - step]
        let doubles = try roundTrip(values, .int16, channels: 1, isRaw: false, knowsLength: true)
        #expect(doubles.samples == expected)
        // 1, 2, -1.5 and 1e30.
        #expect(doubles.levels.clippedCount == 4 && doubles.levels.peak == 1e30)
        #expect(
            try roundTrip(values.map { Float($0) }, .int16, channels: 2, isRaw: true, knowsLength: false)
                .samples
                == expected.map { Float($0) })
        #expect(throws: SignalFileError.self) {
            try roundTrip([1e300], .float32, channels: 1, isRaw: true, knowsLength: false)
        }
        for value in [Float.nan, .infinity] {
            for format in SampleFormat.allCases {
                #expect(throws: SignalFileError.self) {
                    try roundTrip([0, value], format, channels: 1, isRaw: false, knowsLength: true)
                }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["round-trip"])
    }

    @Test func headersOfAllForms() throws {
        var wave = WaveBytes()
        wave.samples = [0, 0x40, 0, 0xC0]
        let guid: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        var forms = [wave]
        forms.append(wave)
        forms[1].before = WaveBytes.chunk("LIST", [1, 2, 3])
        forms.append(wave)
        forms[2].code = 0xFFFE
        forms[2].further =
            WaveBytes.little(22, 2) + WaveBytes.little(16, 2) + WaveBytes.little(4, 4) + [1, 0] + guid
        for form in ["RF64", "BW64"] {
            var long = wave
            long.form = form
            long.before = WaveBytes.lengths(samples: 4)
            long.length = Int(UInt32.max)
            forms.append(long)
            long.length = 4
            forms.append(long)
        }
        // Written by a program that could not go back.
        forms.append(wave)
        forms[forms.count - 1].length = Int(UInt32.max)
        for form in forms {
            let reader = try SignalReader(contentsOf: folder.write(form.bytes, to: "file.wav"))
            #expect(reader.frameCount == 2 && reader.description.sampleRate == 48_000)
            #expect(try reader.readToEnd() as [Float] == [0.5, -0.5])
        }
        // What follows the samples is not read.
        let trailing = wave.bytes + WaveBytes.chunk("LIST", [1, 2])
        let samples: [Float] = try SignalReader(contentsOf: folder.write(trailing, to: "file.wav"))
            .readToEnd()
        #expect(samples == [0.5, -0.5])
    }

    /// A header that says more than 4 GiB, before a file with a hole.
    @Test func longFiles() throws {
        let byteCount = 5 << 30
        let description = SignalDescription(format: .int16, channels: 2, sampleRate: 48_000)
        for hasRoom in [false, true] {
            let header = WaveHeader(description: description, byteCount: byteCount).bytes(hasRoom: hasRoom)
            #expect(header.count == 80 && header.starts(with: "RF64".utf8))
            let file = try folder.write(header, to: "long.wav")
            #expect(truncate(file, off_t(header.count + byteCount)) == 0)
            #expect(try SignalReader(contentsOf: file).frameCount == byteCount / 4)
            #expect(truncate(file, off_t(header.count + byteCount - 1)) == 0)
            #expect(throws: SignalFileError.self) { try SignalReader(contentsOf: file) }
            // A reserved header is as long for a short file, in the plain form.
            let short = WaveHeader(description: description, byteCount: 8).bytes(hasRoom: hasRoom)
            #expect(short.count == (hasRoom ? 80 : 44) && short.starts(with: "RIFF".utf8))
        }
    }

    @Test func damagedFilesAreRefusedByName() throws {
        #expect(try error([1, 2, 3]) == "expected a WAV file, found none")
        #expect(try error(Array("RIFX1234WAVE".utf8)).contains("RIFX"))
        #expect(try error(Array("RIFF1234WAVE".utf8)) == "has no samples")
        #expect(try error(Array("RIFF1234WAVEfmt".utf8)) == "is truncated: it ends in the name of a chunk")
        #expect(
            try error(Array("RF641234WAVEfmt 1234".utf8)).hasPrefix("expected the lengths of a long WAV file")
        )
        let wave = WaveBytes()
        #expect(try error(Array(wave.bytes.dropLast())) == "is truncated: 'data' needs 4 bytes, found 3")
        func damaged(_ change: (inout WaveBytes) -> Void) throws -> String {
            var wave = wave
            change(&wave)
            return try error(wave.bytes)
        }
        #expect(try damaged { $0.bits = 8 }.contains("found format 1 of 8 bits"))
        #expect(try damaged { $0.code = 2 }.contains("found format 2 of 16 bits"))
        #expect(try damaged { $0.channels = 0 }.contains("contradicts itself"))
        #expect(try damaged { $0.rate = 0 }.contains("contradicts itself"))
        #expect(try damaged { $0.frame = 3 }.contains("contradicts itself"))
        #expect(try damaged { $0.samples = [] } == "has no samples")
        #expect(try damaged { $0.samples = [1, 2, 3] } == "expected whole frames of 2 bytes, found 3 bytes")
        #expect(
            try damaged { $0.before = WaveBytes.chunk("fmt ", Array(repeating: 0, count: 2)) }.contains(
                "found 2"))
        #expect(
            try damaged { $0.before = Array("LIST".utf8) + [255, 255, 255, 255] }.contains("'LIST' of 4 GiB"))
        #expect(
            try damaged { $0.before = Array("LI\u{1}T".utf8) + [255, 0, 0, 1] }.contains(
                "'LI?T' needs 16777471"))
        #expect(
            try damaged { ($0.code, $0.further) = (0xFFFE, Array(repeating: 9, count: 24)) }.contains(
                "known ones"))
        for (count, reason) in [
            (UInt64.max, "fewer than 2^63"), (1 << 62, "needs 4611686018427387904"), (0, "no samples"),
        ] {
            let message = try damaged {
                ($0.form, $0.before, $0.length) = ("RF64", WaveBytes.lengths(samples: count), Int(UInt32.max))
            }
            #expect(message.contains(reason), "\(message)")
        }
        let nan: [UInt8] = [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]
        #expect(
            try damaged { ($0.code, $0.bits, $0.channels, $0.samples) = (3, 32, 2, nan) }
                == "has a sample that is not finite: number 0 of channel 2")
        // The description behind the samples.
        let order = Array("RIFF1234WAVE".utf8) + WaveBytes.chunk("data", [0, 0])
        #expect(try error(order) == "has no description of its format")
        #expect(throws: SignalFileError.self) { try SignalReader(contentsOf: folder.file("none")) }
        #expect(throws: SignalFileError.self) { try SignalReader(contentsOf: folder.path) }
    }

    /// No prefix of a file and no changed byte of a header ends the process.
    @Test func everyPrefixAndEveryByte() throws {
        var long = WaveBytes()
        (long.form, long.before, long.length) = ("RF64", WaveBytes.lengths(samples: 4), Int(UInt32.max))
        var accepted = 0
        for bytes in [WaveBytes().bytes, long.bytes] {
            for count in 0..<bytes.count { #expect(try error(Array(bytes[..<count])) != "") }
            for place in bytes.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var changed = bytes
                    changed[place] = value
                    accepted += try error(changed) == "" ? 1 : 0
                }
            }
        }
        // The rate, the samples, what nobody reads.
        #expect(accepted > 50)
    }
}
