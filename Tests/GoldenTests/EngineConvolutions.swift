import Convolution
import Tensors

/// The engine itself, without the tensors, in one precision: outputs and gradients of golden convolutions.
struct EngineCheck<Scalar: ConvolutionScalar> {
    let convolution: LongConvolution<Scalar>
    let pairing: Pairing
    let rowCount: Int
    let signal: [Scalar]
    let kernel: [Scalar]

    /// - Parameters:
    ///   - signal: `[B, C, *S]`
    ///   - kernel: `[C, *K]` or `[B, C, *K]`
    init(signal: Tensor, kernel: Tensor, boundary: Boundary) throws {
        let extents = Array(signal.shape.dropFirst(2))
        let kernelExtents = Array(kernel.shape.suffix(extents.count))
        if extents.count == 1 {
            convolution = try LongConvolution(
                length: extents[0], kernelLength: kernelExtents[0], boundary: boundary)
        } else {
            convolution = try LongConvolution(
                height: extents[0], width: extents[1], kernelHeight: kernelExtents[0],
                kernelWidth: kernelExtents[1], boundary: boundary)
        }
        let (batch, channels) = (signal.shape[0], signal.shape[1])
        rowCount = batch * channels
        pairing =
            kernel.rank == signal.rank
            ? .perSample(batch: batch, channels: channels) : .shared(batch: batch, channels: channels)
        self.signal = signal.scalars.map { Scalar($0) }
        self.kernel = kernel.scalars.map { Scalar($0) }
    }

    func output() throws -> [Scalar] {
        // Every element is to be written: what is not stays no number.
        var output = [Scalar](repeating: .nan, count: rowCount * convolution.outputExtents.reduce(1, *))
        try signal.withUnsafeBufferPointer { signal in
            try kernel.withUnsafeBufferPointer { kernel in
                try output.withUnsafeMutableBufferPointer {
                    try convolution.apply(signal, kernel: kernel, pairing, into: $0)
                }
            }
        }
        return output
    }

    func gradients(upstream: Tensor) throws -> (signal: [Scalar], kernel: [Scalar]) {
        let upstream = upstream.scalars.map { Scalar($0) }
        var signalGradient = [Scalar](repeating: .nan, count: signal.count)
        var kernelGradient = [Scalar](repeating: .nan, count: kernel.count)
        try signal.withUnsafeBufferPointer { signal in
            try kernel.withUnsafeBufferPointer { kernel in
                try upstream.withUnsafeBufferPointer { upstream in
                    try signalGradient.withUnsafeMutableBufferPointer { signalGradient in
                        try kernelGradient.withUnsafeMutableBufferPointer { kernelGradient in
                            try convolution.gradients(
                                signal, kernel: kernel, pairing, upstream: upstream,
                                signalGradient: signalGradient, kernelGradient: kernelGradient)
                        }
                    }
                }
            }
        }
        return (signalGradient, kernelGradient)
    }
}

extension Comparison {
    /// Compares what the engine computed: in `Float` with the golden tolerance, in `Double` as closely as the stored
    /// numbers, which are rounded to `Float`, allow.
    mutating func compareEngine<Scalar: ConvolutionScalar>(_ found: [Scalar], with key: String) {
        guard let expected = stored[key]?.scalars, let tolerance = entries[key]?.tolerance,
            found.count == expected.count
        else {
            note(.infinity, tolerance: 1, key: key)
            return
        }
        let largest = expected.reduce(0) { max($0, abs($1)) }
        // Half a unit in the last place of the largest is 2⁻²⁴ of it at most; as much again for the computation.
        let allowed = Scalar.self == Double.self ? largest * 0x1p-23 : tolerance
        let error = zip(found, expected).reduce(Double(0)) { error, pair in
            let difference = abs(Double(pair.0) - Double(pair.1))
            return difference.isNaN ? .infinity : max(error, difference)
        }
        note(Float(error), tolerance: allowed, key: key)
    }

    /// All of a golden convolution by the engine.
    mutating func compareEngine<Scalar: ConvolutionScalar>(
        _ type: Scalar.Type, signal: Tensor, kernel: Tensor, upstream: Tensor, boundary: Boundary
    ) throws {
        let engine = try EngineCheck<Scalar>(signal: signal, kernel: kernel, boundary: boundary)
        compareEngine(try engine.output(), with: "output/y")
        let gradients = try engine.gradients(upstream: upstream)
        compareEngine(gradients.signal, with: "gradient/z")
        compareEngine(gradients.kernel, with: "gradient/kernel")
    }
}
