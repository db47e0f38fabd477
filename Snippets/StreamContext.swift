import Convolution

// A kernel W for each position, shaped by what arrives there: Ŵ[s] = W[s] z[s].
let weights = (0..<3000).map { Double(1) / Double($0 + 1) }
var stream = try StreamingContextConvolution<Double>(channels: 1, kernelLength: nil)
var signal = [1.0], kernel: [Double] = []
for t in 0..<3000 {
    kernel.append(weights[t] * signal[t])
    let output = stream.push([signal[t]], kernel: [kernel[t]])[0]
    signal.append(output / (1 + output * output))
}

// All outputs again, at once.
let convolution = try LongConvolution<Double>(length: 3000, kernelLength: 3000, boundary: .causal)
let outputs = try convolution(Array(signal.dropLast()), kernel)
let again = outputs.map { $0 / (1 + $0 * $0) }
print("as at once:", zip(again, signal.dropFirst()).allSatisfy { abs($0 - $1) < 1e-12 })
