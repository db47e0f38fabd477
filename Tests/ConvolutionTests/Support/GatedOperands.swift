import TestSupport

@testable import Convolution

/// The parts of a gated convolution besides kernel and signal.
struct GateParts: OptionSet, CustomStringConvertible {
    let rawValue: Int
    static let input = GateParts(rawValue: 1)
    static let output = GateParts(rawValue: 2)
    static let skip = GateParts(rawValue: 4)
    static let all = (0..<8).map(GateParts.init)

    var description: String {
        [(GateParts.input, "input gate"), (.output, "output gate"), (.skip, "skip")].filter { contains($0.0) }
            .map(\.1).joined(separator: ", ")
    }
}

/// What a gated convolution and its gradients are computed from; what `parts` lacks is there and not used.
struct GatedOperands<Scalar: ConvolutionScalar> {
    var convolved: Operands<Scalar>
    var inputGate: [Scalar]
    var outputGate: [Scalar]
    var skip: [Scalar]
    var parts: GateParts
    var lengths: [Int]?

    var channels: Int { skip.count }

    init(
        _ shape: Shape, _ pairing: Pairing, _ parts: GateParts, lengths: [Int]? = nil,
        using generator: inout some RandomNumberGenerator
    ) throws {
        convolved = try Operands(shape, pairing, using: &generator)
        inputGate = randomScalars(convolved.signal.count, using: &generator)
        outputGate = randomScalars(convolved.upstream.count, using: &generator)
        skip = randomScalars(pairing.batchAndChannels!.channels, using: &generator)
        self.parts = parts
        self.lengths = lengths
    }

    init(_ other: GatedOperands<some ConvolutionScalar>) {
        convolved = Operands(other.convolved)
        inputGate = other.inputGate.map { Scalar($0) }
        outputGate = other.outputGate.map { Scalar($0) }
        skip = other.skip.map { Scalar($0) }
        parts = other.parts
        lengths = other.lengths
    }

    /// The results of the engine, in one pass forward and one backward; `keepsUngated` says whether what the output gate
    /// multiplies is kept from one to the other.
    func results(of convolution: LongConvolution<Scalar>, keepsUngated: Bool = true) throws -> GatedResults<
        Scalar
    > {
        let (x, k, g) = (convolved.signal, convolved.kernel, convolved.upstream)
        var results = GatedResults(
            output: [Scalar](repeating: .nan, count: g.count),
            signal: [Scalar](repeating: .nan, count: x.count),
            kernel: [Scalar](repeating: .nan, count: k.count),
            inputGate: [Scalar](repeating: .nan, count: parts.contains(.input) ? x.count : 0),
            outputGate: [Scalar](repeating: .nan, count: parts.contains(.output) ? g.count : 0),
            skip: [Scalar](repeating: .nan, count: parts.contains(.skip) ? channels : 0))
        var ungated = [Scalar](repeating: .nan, count: g.count)
        try x.withUnsafeBufferPointer { x in
            try k.withUnsafeBufferPointer { k in
                try g.withUnsafeBufferPointer { g in
                    try inputGate.withUnsafeBufferPointer { inputGate in
                        try outputGate.withUnsafeBufferPointer { outputGate in
                            try skip.withUnsafeBufferPointer { skip in
                                try ungated.withUnsafeMutableBufferPointer { ungated in
                                    let gates = Gates(
                                        input: parts.contains(.input) ? inputGate : nil,
                                        output: parts.contains(.output) ? outputGate : nil,
                                        skip: parts.contains(.skip) ? skip : nil)
                                    try results.run(
                                        convolution, x, k, g, convolved.pairing, gates, lengths,
                                        keepsUngated ? ungated : nil)
                                }
                            }
                        }
                    }
                }
            }
        }
        return results
    }
}

/// The output of a gated convolution and its gradients; those of parts that are not there are empty.
struct GatedResults<Scalar: ConvolutionScalar> {
    var output: [Scalar]
    var signal: [Scalar]
    var kernel: [Scalar]
    var inputGate: [Scalar]
    var outputGate: [Scalar]
    var skip: [Scalar]

    var all: [[Scalar]] { [output, signal, kernel, inputGate, outputGate, skip] }

    func hasSameBits(as other: GatedResults) -> Bool { zip(all, other.all).allSatisfy { sameBits($0, $1) } }

    fileprivate mutating func run(
        _ convolution: LongConvolution<Scalar>, _ x: UnsafeBufferPointer<Scalar>,
        _ k: UnsafeBufferPointer<Scalar>, _ g: UnsafeBufferPointer<Scalar>, _ pairing: Pairing,
        _ gates: Gates<Scalar>, _ lengths: [Int]?, _ ungated: UnsafeMutableBufferPointer<Scalar>?
    ) throws {
        try output.withUnsafeMutableBufferPointer { output in
            try convolution.apply(
                x, kernel: k, pairing, gates: gates, lengths: lengths, into: output, ungated: ungated)
        }
        try signal.withUnsafeMutableBufferPointer { signal in
            try kernel.withUnsafeMutableBufferPointer { kernel in
                try inputGate.withUnsafeMutableBufferPointer { inputGate in
                    try outputGate.withUnsafeMutableBufferPointer { outputGate in
                        try skip.withUnsafeMutableBufferPointer { skip in
                            try convolution.gradients(
                                x, kernel: k, pairing, gates: gates, lengths: lengths, upstream: g,
                                ungated: ungated.map { UnsafeBufferPointer($0) },
                                into: GatedGradients(
                                    signal: signal, kernel: kernel,
                                    inputGate: gates.input == nil ? nil : inputGate,
                                    outputGate: gates.output == nil ? nil : outputGate,
                                    skip: gates.skip == nil ? nil : skip))
                        }
                    }
                }
            }
        }
    }
}

extension GatedOperands where Scalar == Double {
    /// The results as sums by their definition.
    ///
    /// - Parameter outputEnd: The outputs that a signal of a given length has.
    func reference(_ map: DirectBilinearMap, outputEnd: (_ length: Int) -> Int) -> GatedResults<Double> {
        let rows = convolved.pairing.signalCount
        let (signalCount, outputCount, kernelCount) = (map.signalCount, map.outputCount, map.kernelCount)
        var results = GatedResults<Double>(
            output: [], signal: [], kernel: [Double](repeating: 0, count: convolved.kernel.count),
            inputGate: [], outputGate: [],
            skip: [Double](repeating: 0, count: parts.contains(.skip) ? channels : 0))
        for row in 0..<rows {
            let (sample, channel) = row.quotientAndRemainder(dividingBy: channels)
            let end = lengths?[sample] ?? signalCount
            let resultEnd = lengths == nil ? outputCount : outputEnd(end)
            func part(_ values: [Double], _ count: Int, _ end: Int, _ isThere: Bool) -> [Double] {
                (0..<count).map { $0 < end ? (isThere ? values[row * count + $0] : 1) : 0 }
            }
            let u = part(convolved.signal, signalCount, end, true)
            let a = part(inputGate, signalCount, end, parts.contains(.input))
            let b = part(outputGate, outputCount, resultEnd, parts.contains(.output))
            let g = part(convolved.upstream, outputCount, resultEnd, true)
            let d = parts.contains(.skip) ? skip[channel] : 0
            let v = zip(u, a).map { $0 * $1 }, h = zip(g, b).map { $0 * $1 }
            let number = row % convolved.pairing.kernelCount
            let k = convolved.kernel[number * kernelCount..<(number + 1) * kernelCount]
            var ungated = map.output(v[...], k).values
            var dv = map.signalGradient(h[...], k)
            if parts.contains(.skip) {
                for t in 0..<signalCount {
                    ungated[t] += d * v[t]
                    dv[t] += d * h[t]
                    results.skip[channel] += h[t] * v[t]
                }
            }
            for t in end..<signalCount { dv[t] = 0 }
            results.output += zip(ungated, b).map { $0 * $1 }
            results.signal += zip(dv, a).map { $0 * $1 }
            if parts.contains(.input) { results.inputGate += zip(dv, u).map { $0 * $1 } }
            if parts.contains(.output) {
                results.outputGate += zip(g, ungated).enumerated().map { $0 < resultEnd ? $1.0 * $1.1 : 0 }
            }
            for (s, value) in map.kernelGradient(h[...], v[...]).enumerated() {
                results.kernel[number * kernelCount + s] += value
            }
        }
        return results
    }

    /// The largest error of results, relative to the norms of what is multiplied: all gates and skips are at most 1.
    func largestError<Other>(of results: GatedResults<Other>, from exact: GatedResults<Double>) -> Double {
        let (x, k, g) = (
            norm(convolved.signal),
            norm(convolved.kernel) + Double(convolved.pairing.kernelCount).squareRoot(),
            norm(convolved.upstream)
        )
        let scales = [x * k, g * k, g * x, x * g * k, x * g * k, g * x]
        return zip(zip(results.all, exact.all), scales).map { distance($0.0, $0.1) / $1 }.max()!
    }
}
