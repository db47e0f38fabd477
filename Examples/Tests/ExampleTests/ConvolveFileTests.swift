import ExampleTestSupport
import Foundation
import Testing

/// The convolution of files from outside: forms, pipes, memory, what it refuses, and what interruptions and full disks
/// leave.
@Suite struct ConvolveFileTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("ConvolveFile")
        folder = try TemporaryFolder()
    }

    private func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    }

    private func output(_ name: String) throws -> [Float] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
        return stride(from: 0, to: bytes.count, by: 4).map { place in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
        }
    }

    /// A WAV file with a hole: `seconds` of silence in two channels of 16 bits, 48,000 a second.
    private func silence(seconds: Int) throws -> String {
        var bytes: [UInt8] = []
        func append(_ value: Int, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        let length = seconds * 48_000 * 4
        bytes += Array("RIFF".utf8)
        append(36 + length, 4)
        bytes += Array("WAVEfmt ".utf8)
        for (value, count) in [(16, 4), (1, 2), (2, 2), (48_000, 4), (192_000, 4), (4, 2), (16, 2)] {
            append(value, count)
        }
        bytes += Array("data".utf8)
        append(length, 4)
        let path = try folder.write(bytes, to: "silence.wav")
        #expect(truncate(path, off_t(44 + length)) == 0)
        return path
    }

    private func expectNoOutput(besides files: [String]) throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == files.sorted())
    }

    @Test func convolvesRawFloats() throws {
        let input = try folder.write(floats([1, 2, 3, 4]), to: "in.f32")
        let kernel = try folder.write(floats([1, 0.5]), to: "k.f32")
        for (boundary, expected) in [
            ("full", [1, 2.5, 4, 5.5, 2]), ("causal", [1, 2.5, 4, 5.5]), ("centred", [2.5, 4, 5.5, 2]),
            ("valid", [2.5, 4, 5.5]),
        ] as [(String, [Float])] {
            let outcome = try program.run([input, kernel, folder.file("out.f32"), "--boundary", boundary])
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            #expect(
                outcome.output.contains(
                    "4 frames with a kernel of 2: \(expected.count) frames of 1 channel, float32"))
            #expect(try output("out.f32") == expected)
        }
        // Two channels of two frames, each with a kernel of its own of one frame.
        let stereo = [
            input, kernel, folder.file("out.f32"), "--input-channels", "2", "--kernel-channels", "2",
            "--gain", "2",
        ]
        #expect(try program.run(stereo + ["--quiet"]).output == "")
        #expect(try output("out.f32") == [2, 2, 6, 4])
    }

    @Test func readsPipesAndWritesWaves() throws {
        let input = try folder.write(floats([1, 0.25, -1]), to: "in.f32")
        let kernel = try folder.write(floats([1]), to: "k.f32")
        let script = "cat \(input) | \"$0\" \"$@\""
        let wave = folder.file("out.wav")
        let arguments = [
            "/dev/stdin", kernel, wave, "--input-format", "float32", "--rate", "48000", "--samples", "int16",
        ]
        let outcome = try program.run(arguments, inShell: script)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("1 samples were clipped; a --gain of 0.9990 avoids it"))
        // The length was not known at the beginning.
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: wave)))
        #expect(bytes.count == 80 + 6 && Array(bytes[76..<80]) == [6, 0, 0, 0])
        #expect(Array(bytes[80...]) == [0xFF, 0x7F, 0, 0x20, 0, 0x80])
        // The same through another pipe, and back to floats.
        let again = try program.run(
            ["/dev/stdin", kernel, folder.file("again.f32")], inShell: "cat \(wave) | \"$0\" \"$@\"")
        #expect(again.status == 0, "\(again)")
        #expect(try output("again.f32") == [1 - 0x1p-15, 0.25, -1])
        let truncated = try program.run(
            ["/dev/stdin", kernel, folder.file("none.f32")], inShell: "head -c 83 \(wave) | \"$0\" \"$@\"")
        #expect(truncated.status == 1)
        #expect(
            truncated.errors.contains("/dev/stdin: is truncated: its 3 frames need 6 bytes, found 3"),
            "\(truncated)")
        try expectNoOutput(besides: ["in.f32", "k.f32", "out.wav", "again.f32"])
    }

    @Test func refusals() throws {
        let input = try folder.write(floats([1, 2, 3]), to: "in.f32")
        let kernel = try folder.write(floats([1, 0.5]), to: "k.f32")
        func error(_ arguments: [String]) throws -> String {
            let outcome = try program.run(arguments)
            #expect(outcome.status != 0 && outcome.errorLines.count >= 1)
            return outcome.errors
        }
        let out = folder.file("out.f32")
        #expect(
            try error([kernel, input, out, "--boundary", "valid"]).contains(
                "k.f32: expected at least as many frames"))
        #expect(
            try error([input, kernel, out, "--input-channels", "2"]).contains(
                "expected whole frames of 8 bytes, found 12"))
        #expect(
            try error([input, kernel, folder.file("out.wav")]).contains(
                "needs the number of frames of a second"))
        #expect(try error([input, kernel, out, "--samples", "int16"]).contains("stands for float32"))
        #expect(try error([input, folder.path, out]).contains("cannot be read"))
        #expect(try error([input, kernel, folder.path, "--rate", "9"]).contains("cannot be written"))
        #expect(
            try error([input, kernel, "/dev/null", "--rate", "9"]).contains(
                "expected a regular file, found a device"))
        #expect(try error([folder.file("none"), kernel, out]).contains("No such file or directory"))
        try expectNoOutput(besides: ["in.f32", "k.f32"])
    }

    /// 40 times as long an input takes the same memory, up to what the machine's allocator adds.
    @Test func memoryIsBounded() throws {
        let kernel = try folder.write(floats((0..<5000).map { Float($0 % 7) }), to: "k.f32")
        func peak(seconds: Int) throws -> Int {
            let outcome = try program.run([try silence(seconds: seconds), kernel, folder.file("out.wav")])
            #expect(outcome.status == 0, "\(outcome)")
            let line = outcome.outputLines.first { $0.hasPrefix("peak memory ") }
            return try #require(line.flatMap { Int($0.split(separator: " ")[2]) })
        }
        // The longer one has 230 MB, of which a share of a twentieth would show.
        let short = try peak(seconds: 30), long = try peak(seconds: 1200)
        #expect(long <= short + 10, "\(short) MB and \(long) MB")
        #expect(long < 150)
    }

    @Test func fullDiskLeavesNoOutput() throws {
        let kernel = try folder.write(floats([1]), to: "k.f32")
        let input = try silence(seconds: 10)
        let outcome = try program.run([input, kernel, folder.file("out.wav")], writingAtMost: 500)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errorLines == ["error: \(folder.file("out.wav")): cannot be written: File too large"])
        try expectNoOutput(besides: ["k.f32", "silence.wav"])
    }

    @Test(arguments: [SIGINT, SIGTERM]) func interruptionLeavesWhatWasThere(signal: Int32) throws {
        let kernel = try folder.write(floats([Float](repeating: 0.001, count: 300_000)), to: "k.f32")
        let input = try silence(seconds: 3000)
        let old: [UInt8] = Array("what was there".utf8)
        let output = try folder.write(old, to: "out.wav")
        let running = try program.start([input, kernel, output], inShell: "exec \"$0\" \"$@\"")
        // The temporary file is there once the signal is caught and the convolution has begun.
        while running.isRunning,
            try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3
        { usleep(1000) }
        running.send(signal)
        let outcome = try running.outcome()
        #expect(outcome.status == 128 + signal, "\(outcome)")
        let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
        #expect(outcome.errorLines.last == "error: stopped by \(name); \(output) is as it was")
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: output))) == old)
        try expectNoOutput(besides: ["k.f32", "silence.wav", "out.wav"])
    }
}
