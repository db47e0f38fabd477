import TestSupport
import Testing

@testable import Convolution

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
    func errors<Scalar: ConvolutionScalar>(of convolution: LongConvolution<Scalar>) throws -> Errors {
        let results = try run(convolution)
        return Errors(
            output: distance(results.output, output) / outputScale,
            signalGradient: distance(results.signalGradient, signalGradient) / signalGradientScale,
            kernelGradient: distance(results.kernelGradient, kernelGradient) / kernelGradientScale)
    }

    func run<Scalar: ConvolutionScalar>(_ convolution: LongConvolution<Scalar>) throws -> Results<Scalar> {
        try Operands(
            pairing: pairing, signal: signal.map(Scalar.init), kernel: kernel.map(Scalar.init),
            upstream: upstream.map(Scalar.init)
        ).results(of: convolution)
    }

    /// Compares the engine with the direct sums, each error being at most `tolerance`.
    func check<Scalar: ConvolutionScalar>(
        _ convolution: LongConvolution<Scalar>, tolerance: Double, _ label: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let errors = try errors(of: convolution)
        #expect(
            errors.largest <= tolerance, "\(label()) in \(Scalar.self): \(errors)",
            sourceLocation: sourceLocation)
    }
}
