import Convolution

// Causal, 784 samples, a kernel as long as the signal: a plan, made once for each shape.
let convolution = try LongConvolution<Float>(length: 784, kernelLength: 784, boundary: .causal)

// 16 samples of 64 channels; one kernel for each channel.
let pairing = Pairing.shared(batch: 16, channels: 64)
let signal = [Float](repeating: 1, count: 16 * 64 * 784)
let kernel = [Float](repeating: 0.25, count: 64 * 784)

var output = [Float](repeating: 0, count: 16 * 64 * 784)
try convolution.apply(signal, kernel: kernel, pairing, into: &output)
let gradient = try convolution.gradients(signal, kernel: kernel, pairing, upstream: output)

print("the last of 784 outputs is", output[783].rounded())
print("the kernel's gradient has", gradient.kernel.count, "elements")
