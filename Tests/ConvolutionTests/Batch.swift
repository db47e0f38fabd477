import Convolution
import TestSupport

/// A batch of random rows with its direct results.
struct Batch {
    let pairing: Pairing
    let signal: [Double]
    let kernel: [Double]
    let upstream: [Double]
    let output: [Double]
    let signalGradient: [Double]
    let kernelGradient: [Double]
    /// The products of the norms of what is convolved, over all rows: what rounding errors are relative to.
    let outputScale: Double
    let signalGradientScale: Double
    let kernelGradientScale: Double

    init(
        _ map: DirectBilinearMap, _ pairing: Pairing, using generator: inout some RandomNumberGenerator
    ) {
        // Which rows of output, signal and kernel belong together.
        var meetings: [(output: Int, signal: Int, kernel: Int)] = []
        switch pairing {
        case .shared(let batch, let channels):
            for row in 0..<batch * channels { meetings.append((row, row, row % channels)) }
        case .perSample(let batch, let channels):
            for row in 0..<batch * channels { meetings.append((row, row, row)) }
        case .dense(let batch, let inputs, let outputs):
            for b in 0..<batch {
                for o in 0..<outputs {
                    for i in 0..<inputs { meetings.append((b * outputs + o, b * inputs + i, o * inputs + i)) }
                }
            }
        }
        func rows(_ row: KeyPath<(output: Int, signal: Int, kernel: Int), Int>) -> Int {
            (meetings.map { $0[keyPath: row] }.max() ?? -1) + 1
        }
        func random(_ count: Int) -> [Double] {
            // Values that `Float` holds exactly, so that both precisions compute the same thing.
            (0..<count).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
        }
        let signal = random(rows(\.signal) * map.signalCount)
        let kernel = random(rows(\.kernel) * map.kernelCount)
        let upstream = random(rows(\.output) * map.outputCount)
        var output = [Double](repeating: 0, count: upstream.count)
        var signalGradient = [Double](repeating: 0, count: signal.count)
        var kernelGradient = [Double](repeating: 0, count: kernel.count)
        var scales = (output: 0.0, signalGradient: 0.0, kernelGradient: 0.0)
        func squaredNorm(_ values: ArraySlice<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 } }
        func add(_ part: [Double], to sum: inout [Double], row: Int) {
            for (index, value) in part.enumerated() { sum[row * part.count + index] += value }
        }
        for meeting in meetings {
            let x = signal[meeting.signal * map.signalCount..<(meeting.signal + 1) * map.signalCount]
            let w = kernel[meeting.kernel * map.kernelCount..<(meeting.kernel + 1) * map.kernelCount]
            let g = upstream[meeting.output * map.outputCount..<(meeting.output + 1) * map.outputCount]
            add(map.output(x, w).values, to: &output, row: meeting.output)
            add(map.signalGradient(g, w), to: &signalGradient, row: meeting.signal)
            add(map.kernelGradient(g, x), to: &kernelGradient, row: meeting.kernel)
            scales.output += squaredNorm(x) * squaredNorm(w)
            scales.signalGradient += squaredNorm(g) * squaredNorm(w)
            scales.kernelGradient += squaredNorm(g) * squaredNorm(x)
        }
        self.pairing = pairing
        self.signal = signal
        self.kernel = kernel
        self.upstream = upstream
        self.output = output
        self.signalGradient = signalGradient
        self.kernelGradient = kernelGradient
        outputScale = scales.output.squareRoot()
        signalGradientScale = scales.signalGradient.squareRoot()
        kernelGradientScale = scales.kernelGradient.squareRoot()
    }

    /// The errors ‖computed - direct‖ of the engine in the precision of `Scalar`, relative to the products of the norms
    /// of what is convolved (results that cancel to almost nothing keep the error of their terms).
    func errors<Scalar: ConvolutionScalar>(
        of convolution: LongConvolution<Scalar>
    ) throws -> (output: Double, signalGradient: Double, kernelGradient: Double) {
        let results = try run(convolution)
        return (
            distance(results.output, output) / outputScale,
            distance(results.signalGradient, signalGradient) / signalGradientScale,
            distance(results.kernelGradient, kernelGradient) / kernelGradientScale
        )
    }

    func run<Scalar: ConvolutionScalar>(
        _ convolution: LongConvolution<Scalar>
    ) throws -> (output: [Scalar], signalGradient: [Scalar], kernelGradient: [Scalar]) {
        let (x, w, g) = (signal.map(Scalar.init), kernel.map(Scalar.init), upstream.map(Scalar.init))
        // What is not written shows as NaN.
        var y = [Scalar](repeating: .nan, count: output.count)
        var dx = [Scalar](repeating: .nan, count: x.count)
        var dw = [Scalar](repeating: .nan, count: w.count)
        try x.withUnsafeBufferPointer { x in
            try w.withUnsafeBufferPointer { w in
                try y.withUnsafeMutableBufferPointer { y in
                    try convolution.apply(x, kernel: w, pairing, into: y)
                }
                try g.withUnsafeBufferPointer { g in
                    try dx.withUnsafeMutableBufferPointer { dx in
                        try dw.withUnsafeMutableBufferPointer { dw in
                            try convolution.gradients(
                                x, kernel: w, pairing, upstream: g, signalGradient: dx, kernelGradient: dw)
                        }
                    }
                }
            }
        }
        return (y, dx, dw)
    }
}

/// ‖a - b‖, and infinity where a is not finite.
func distance<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Double]) -> Double {
    var error = 0.0
    for (a, b) in zip(a, b) {
        guard a.isFinite else { return .infinity }
        error += (Double(a) - b) * (Double(a) - b)
    }
    return error.squareRoot()
}
