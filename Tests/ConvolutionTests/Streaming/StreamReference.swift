import TestSupport
import Testing

@testable import Convolution

/// A causal convolution of one channel by definition, with the norm of the terms of each output.
struct StreamReference {
    let outputs: [Double]
    /// √Σ (k[s] x[t-s])², for each t.
    let norms: [Double]

    /// Sums of products.
    init(_ signal: [some ConvolutionScalar], _ kernel: [some ConvolutionScalar]) {
        let (x, k) = (signal.map { Double($0) }, kernel.map { Double($0) })
        var outputs = x, norms = x
        for t in x.indices {
            var sum = 0.0, squares = 0.0
            for s in 0...min(t, k.count - 1) {
                let term = k[s] * x[t - s]
                sum += term
                squares += term * term
            }
            outputs[t] = sum
            norms[t] = squares.squareRoot()
        }
        (self.outputs, self.norms) = (outputs, norms)
    }

    /// The engine's batch convolution in `Double`, for long rows.
    init(batch signal: [some ConvolutionScalar], _ kernel: [some ConvolutionScalar]) throws {
        let (x, k) = (signal.map { Double($0) }, kernel.map { Double($0) })
        let convolution = try LongConvolution<Double>(
            length: x.count, kernelLength: k.count, boundary: .causal, exactHead: 256)
        outputs = try convolution(x, k)
        // Squares are positive, and their sum's rounding far below what the tolerance notices.
        norms = try convolution(x.map { $0 * $0 }, k.map { $0 * $0 }).map { max($0, 0).squareRoot() }
    }

    /// The largest error relative to the norm of the terms; infinite for what is not a number.
    ///
    /// - Parameter length: The outputs of a block that is transformed as a whole: errors are relative to the largest norm in it.
    func error<Scalar: ConvolutionScalar>(of values: [Scalar], blocksOf length: Int = 1) -> Double {
        guard values.count == outputs.count else { return .infinity }
        var norms = norms
        for start in stride(from: 0, to: norms.count, by: length) {
            let block = start..<min(norms.count, start + length)
            let largest: Double = norms[block].max()!
            for t in block { norms[t] = largest }
        }
        return values.indices.reduce(0) { largest, t in
            let error = abs(Double(values[t]) - outputs[t])
            if error == 0 { return largest }
            return error.isFinite ? max(largest, error / norms[t]) : .infinity
        }
    }
}

extension ConvolutionScalar {
    /// What a streamed output may differ from the exact one, relative to the norm of its terms.
    ///
    /// The error of a tile is at most ε log2(4U) ‖x‖ ‖k‖ (see ``LongConvolution``), spread evenly over its outputs for noise: ε log2(4U)
    /// √(U/2) rms(x) rms(k) each, that is ε log2(4U) times the norm of the U terms that the tile adds to it. With tiles up to 2^20
    /// samples these are 22 ε, 2.6e-6 and 4.9e-15.
    static var streamTolerance: Double { precision == .single ? 1e-5 : 1e-12 }
}

extension Array {
    /// The rows of `[channels, count]`.
    func rows(_ channels: Int) -> [[Element]] {
        let count = count / channels
        return (0..<channels).map { Array(self[$0 * count..<($0 + 1) * count]) }
    }
}

/// Feeds `[C, n]` samples in pushes of the lengths that `next` returns, and returns all outputs.
func streamed<Scalar: ConvolutionScalar>(
    _ samples: [Scalar], channels: Int, next: () -> Int, push: ([Scalar]) -> [Scalar]
) -> [Scalar] {
    let rows = samples.rows(channels)
    var outputs = Array(repeating: [Scalar](), count: channels)
    var t = 0
    while t < rows[0].count {
        let end = min(rows[0].count, t + next())
        for (channel, row) in push(rows.flatMap { $0[t..<end] }).rows(channels).enumerated() {
            outputs[channel] += row
        }
        t = end
    }
    return outputs.flatMap { $0 }
}
