import Convolution

// An echo: each output comes back a sample later, at half its size. The kernel fades over 1,000 samples, on two channels.
let taps = (0..<1000).map { Float(1) / Float($0 + 1) }
var stream = try StreamingConvolution<Float>(kernel: taps + taps, channels: 2, kernelLength: 1000)

// The beginning is known, [2, 4], and taken at once; then come single samples.
let beginning = try stream.prefill([1, 0, 0, 0, 0, 0, 2, 0])
var sample = [beginning[3] / 2, beginning[7] / 2]
for _ in 0..<3 {
    let output = stream.push(sample)
    print(stream.position, output.map { Int(($0 * 1000).rounded()) })
    sample = output.map { $0 / 2 }
}

// A stream is a value: the copy continues by itself.
var copy = stream
let inCopy = copy.push([1, 1])
print("the same:", inCopy == stream.push([1, 1]))
