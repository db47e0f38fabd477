import ExampleTestSupport
import Foundation
import Testing

/// The reverb from outside: formats, channels, what it prints and what it refuses.
@Suite struct StreamingReverbTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("StreamingReverb")
        folder = try TemporaryFolder()
    }

    /// A WAV file of frames, `bits` each sample; 0 bits stands for floats.
    private func wave(_ frames: [[Double]], bits: Int, rate: Int = 48_000) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: Int, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        let size = bits == 0 ? 4 : bits / 8, channels = frames[0].count
        let length = frames.count * channels * size
        bytes += Array("RIFF".utf8)
        append(36 + length, 4)
        bytes += Array("WAVEfmt ".utf8)
        append(16, 4)
        append(bits == 0 ? 3 : 1, 2)
        append(channels, 2)
        append(rate, 4)
        append(rate * channels * size, 4)
        append(channels * size, 2)
        append(8 * size, 2)
        bytes += Array("data".utf8)
        append(length, 4)
        for value in frames.joined() {
            append(bits == 0 ? Int(Float(value).bitPattern) : Int(value * Double(1 << (bits - 1))), size)
        }
        return bytes
    }

    /// The samples of a file as `wave` writes them.
    private func frames(_ name: String, bits: Int, channels: Int) throws -> [[Double]] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))).dropFirst(44)
        let size = bits == 0 ? 4 : bits / 8
        let samples = stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { place in
            let pattern = (0..<size).reduce(UInt32(0)) {
                $0 | UInt32(bytes[place + $1]) << (8 * $1 + 32 - 8 * size)
            }
            return bits == 0
                ? Double(Float(bitPattern: pattern)) : Double(Int32(bitPattern: pattern)) * 0x1p-31
        }
        return stride(from: 0, to: samples.count, by: channels).map { Array(samples[$0..<$0 + channels]) }
    }

    @Test(arguments: [16, 24, 32, 0]) func echoesInEveryFormat(bits: Int) throws {
        let signal = (0..<500).map { [sin(Double($0) / 5) / 2, Double($0 % 7) / 20] }
        // Half of the sound, and a quarter 300 samples later.
        let response = (0..<301).map { [$0 == 0 ? 0.5 : $0 == 300 ? 0.25 : 0] }
        let input = try folder.write(wave(signal, bits: bits), to: "in.wav")
        let room = try folder.write(wave(response, bits: bits), to: "room.wav")
        let outcome = try program.run([input, room, folder.file("out.wav")])
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        #expect(
            outcome.output.contains("500 samples of 2 channels through a response of 301, 13 blocks of 64"))
        #expect(outcome.output.contains("below 1e-5 of the largest output"))
        let output = try frames("out.wav", bits: bits, channels: 2)
        #expect(output.count == 800)
        // A rounding to 16 bits is at most 2^-16, and the input was cut to 2^-15.
        for (t, frame) in output.enumerated() {
            for channel in 0..<2 {
                let now = t < 500 ? signal[t][channel] / 2 : 0
                let echo = t >= 300 ? signal[t - 300][channel] / 4 : 0
                #expect(abs(frame[channel] - now - echo) < (bits == 16 ? 0x1p-14 : 1e-5))
            }
        }
    }

    @Test func oneChannelIsHeardInAll() throws {
        let input = try folder.write(wave([[0.5], [0]], bits: 16), to: "in.wav")
        let room = try folder.write(wave([[0.5, 0.25], [0, 0.5]], bits: 16), to: "room.wav")
        let outcome = try program.run([input, room, folder.file("out.wav"), "--gain", "2", "--block", "1"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            try frames("out.wav", bits: 16, channels: 2) == [[0.5, 0.25], [0, 0.5], [0, 0]])
    }

    @Test func clippedSamplesAreCounted() throws {
        let input = try folder.write(wave([[0.5], [-0.5]], bits: 16), to: "in.wav")
        let outcome = try program.run([input, input, folder.file("out.wav"), "--gain", "9"])
        #expect(outcome.output.contains("3 samples were clipped"))
    }

    /// The file is written before anything is printed: a reader that has gone ends the program by SIGPIPE (13) only then.
    @Test func writesWhatNobodyReadsAbout() throws {
        let input = try folder.write(wave([[0.5], [0.25]], bits: 16), to: "in.wav")
        let room = try folder.write(wave([[0.5]], bits: 16), to: "room.wav")
        let outcome = try program.run(
            [input, room, folder.file("out.wav")],
            inShell: "{ { \"$0\" \"$@\"; echo $? >&3; } | true; } 3>&1")
        #expect(outcome.output == "141\n" && outcome.errors == "", "\(outcome)")
        #expect(try frames("out.wav", bits: 16, channels: 1) == [[0.25], [0.125]])
    }

    @Test func refusals() throws {
        let good = wave([[0.5], [0.25]], bits: 16)
        let room = try folder.write(good, to: "room.wav")
        func error(_ bytes: [UInt8]) throws -> String {
            let input = try folder.write(bytes, to: "in.wav")
            let outcome = try program.run([input, room, folder.file("out.wav")])
            #expect(outcome.status != 0)
            #expect(!FileManager.default.fileExists(atPath: folder.file("out.wav")))
            return outcome.errors
        }
        #expect(try error([1, 2, 3]).contains("in.wav: expected a WAV file"))
        #expect(
            try error(Array(good.dropLast())).contains("in.wav: is truncated: 'data' needs 4 bytes, found 3"))
        #expect(try error(wave([[0.5]], bits: 8)).contains("found format 1 of 8 bits"))
        #expect(
            try error(wave([[0.5]], bits: 16, rate: 44_100)).contains(
                "expected a response of 44100 samples a second"))
        #expect(try error(wave([[.nan]], bits: 0)).contains("a sample that is not finite"))
    }
}
