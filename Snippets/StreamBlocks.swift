import Convolution
import Foundation
import Tensors

// A room of 20,000 taps, in blocks of 64 samples.
let room = (0..<20_000).map { Float(sin(Double($0 * $0))) / Float(20 + $0) }
let signal = (0..<64_000).map { Float(sin(Double($0) / 7)) }
var stream = try PartitionedConvolution<Float>(
    kernel: room, channels: 1, kernelLength: room.count, blockLength: 64)
var output: [Float] = []
for start in stride(from: 0, to: 32_000, by: 64) {
    output += stream.push(Array(signal[start..<start + 64]))
}

// The state goes to a file; another stream with the same kernel continues.
let file = NSTemporaryDirectory() + "stream-\(UUID()).safetensors"
try stream.state.write(to: file)
var resumed = try PartitionedConvolution<Float>(
    kernel: room, channels: 1, kernelLength: room.count, blockLength: 64)
try resumed.restore(StreamingState(contentsOf: file))
try FileManager.default.removeItem(atPath: file)
for start in stride(from: 32_000, to: 64_000, by: 64) {
    output += resumed.push(Array(signal[start..<start + 64]))
}

let convolution = try LongConvolution<Float>(length: 64_000, kernelLength: room.count, boundary: .causal)
let atOnce = try convolution(signal, room)
print("as at once:", zip(output, atOnce).allSatisfy { abs($0 - $1) < 1e-5 })
