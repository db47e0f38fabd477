import Foundation
import SignalFiles

extension FuzzTarget {
    /// A WAV file. What was read is written and read again, the same samples; and it is convolved with a kernel of two taps.
    static let wave = FuzzTarget("wave") { bytes in
        let file = InputFolder.write(bytes)
        let reader = try SignalReader(contentsOf: file)
        let samples: [Double] = try reader.readToEnd()
        let (description, frames) = (reader.description, reader.position)
        precondition(frames >= 1 && samples.count == frames * description.channels)
        precondition(reader.frameCount.map { $0 == frames } ?? true)
        let copy = InputFolder.path + "/copy"
        withoutError {
            // With and without the length at the beginning.
            for count in [frames, nil] {
                let writer = try SignalWriter(wave: copy, description, frameCount: count)
                try samples.withUnsafeBufferPointer {
                    try writer.write($0.baseAddress!, stride: frames, count: frames)
                }
                try writer.commit()
                precondition(writer.levels.clippedCount == 0)
                let again = try SignalReader(contentsOf: copy)
                precondition(again.description == description)
                let read: [Double] = try again.readToEnd()
                precondition(read == samples)
            }
        }
        let kernel = InputFolder.write(kernelBytes, to: "kernel")
        let outcome = try FileConvolution().run(
            SignalReader(contentsOf: file),
            kernel: SignalReader(
                contentsOf: kernel,
                as: .raw(SignalDescription(format: .float32, channels: 1, sampleRate: nil))),
            into: InputFolder.path + "/output")
        precondition(outcome.frames == frames + 1 && outcome.description == description)
    }

    /// The taps 1/2 and 1/4.
    private static let kernelBytes: [UInt8] = [0, 0, 0, 0x3F, 0, 0, 0x80, 0x3E]

    /// Files with a header and some frames, for each format.
    static func waveSeeds() throws -> [(name: String, bytes: [UInt8])] {
        try SampleFormat.allCases.map { format in
            let description = SignalDescription(format: format, channels: 2, sampleRate: 48_000)
            let path = InputFolder.path + "/seed"
            let writer = try SignalWriter(wave: path, description, frameCount: format.isInteger ? 3 : nil)
            let samples: [Float] = [0, 0.5, -1, 0.25, -0.125, 0.75]
            try samples.withUnsafeBufferPointer { try writer.write($0.baseAddress!, stride: 3, count: 3) }
            try writer.commit()
            return (format.rawValue, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
    }
}
