import Foundation
import SignalFiles

// Two channels of a second; the first sample is 1/2, the others 0.
let folder = NSTemporaryDirectory() + "files-\(UUID())"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let description = SignalDescription(format: .int24, channels: 2, sampleRate: 48_000)
let writer = try SignalWriter(wave: folder + "/signal.wav", description)
let samples: [Float] = [0.5] + Array(repeating: 0, count: 95_999)
try samples.withUnsafeBufferPointer { try writer.write($0.baseAddress!, stride: 48_000, count: 48_000) }
try writer.commit()

// One kernel for both.
let mono = SignalDescription(format: .float32, channels: 1, sampleRate: nil)
let taps = try SignalWriter(raw: folder + "/kernel.f32", mono)
try [Float](arrayLiteral: 1, 0.5, 0.25).withUnsafeBufferPointer {
    try taps.write($0.baseAddress!, stride: 3, count: 3)
}
try taps.commit()

var convolution = FileConvolution()
convolution.boundary = .causal
let outcome = try convolution.run(
    SignalReader(contentsOf: folder + "/signal.wav"),
    kernel: SignalReader(contentsOf: folder + "/kernel.f32", as: .raw(mono)), into: folder + "/output.wav")
print(outcome.frames, "frames, peak", outcome.levels.peak)

let output: [Float] = try SignalReader(contentsOf: folder + "/output.wav").readToEnd()
print(output[..<4].map { ($0 * 1000).rounded() })
try FileManager.default.removeItem(atPath: folder)
