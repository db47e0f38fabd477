@testable import Convolution

/// What a convolution and its gradients are computed from.
struct Operands<Scalar: ConvolutionScalar> {
    var pairing: Pairing
    var signal: [Scalar]
    var kernel: [Scalar]
    var upstream: [Scalar]

    init(pairing: Pairing, signal: [Scalar], kernel: [Scalar], upstream: [Scalar]) {
        self.pairing = pairing
        self.signal = signal
        self.kernel = kernel
        self.upstream = upstream
    }

    /// Random operands.
    init(_ shape: Shape, _ pairing: Pairing, using generator: inout some RandomNumberGenerator) throws {
        let key = try shape.key()
        self.init(
            pairing: pairing,
            signal: randomScalars(pairing.signalCount * key.count(.signal), using: &generator),
            kernel: randomScalars(pairing.kernelCount * key.count(.kernel), using: &generator),
            upstream: randomScalars(pairing.outputCount * key.count(.output), using: &generator))
    }

    /// The same operands in another precision.
    init(_ other: Operands<some ConvolutionScalar>) {
        self.init(
            pairing: other.pairing, signal: other.signal.map { Scalar($0) },
            kernel: other.kernel.map { Scalar($0) }, upstream: other.upstream.map { Scalar($0) })
    }

    /// The gradients of shared kernels are summed along the tree of `groups`, if they are given.
    func results(
        of convolution: LongConvolution<Scalar>, along groups: BatchGroups? = nil
    ) throws -> Results<Scalar> {
        // What is not written shows as NaN.
        var y = [Scalar](repeating: .nan, count: upstream.count)
        var dx = [Scalar](repeating: .nan, count: signal.count)
        var dw = [Scalar](repeating: .nan, count: kernel.count)
        try signal.withUnsafeBufferPointer { x in
            try kernel.withUnsafeBufferPointer { w in
                try y.withUnsafeMutableBufferPointer { y in
                    try convolution.apply(x, kernel: w, pairing, into: y)
                }
                try upstream.withUnsafeBufferPointer { g in
                    try dx.withUnsafeMutableBufferPointer { dx in
                        try dw.withUnsafeMutableBufferPointer { dw in
                            try convolution.gradients(
                                [x], kernel: w, pairing, upstreams: [g], signalGradients: [dx],
                                kernelGradient: dw, sums: groups.map { SumsOverGroups($0) })
                        }
                    }
                }
            }
        }
        return Results(output: y, signalGradient: dx, kernelGradient: dw)
    }
}

/// What a convolution makes of its operands.
struct Results<Scalar: ConvolutionScalar> {
    var output: [Scalar]
    var signalGradient: [Scalar]
    var kernelGradient: [Scalar]

    func hasSameBits(as other: Results) -> Bool {
        sameBits(output, other.output) && sameBits(signalGradient, other.signalGradient)
            && sameBits(kernelGradient, other.kernelGradient)
    }
}

/// Scalars of -1 ... 1 that `Float` holds exactly, so that both precisions compute the same thing.
func randomScalars<Scalar: ConvolutionScalar>(
    _ count: Int, using generator: inout some RandomNumberGenerator
) -> [Scalar] {
    (0..<count).map { _ in Scalar(Float.random(in: -1...1, using: &generator)) }
}

/// Whether two arrays are the same bit by bit, NaN and the sign of zero included.
func sameBits<Scalar>(_ a: [Scalar], _ b: [Scalar]) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in a.count == b.count && a.elementsEqual(b) } }
}

/// ‖a‖
func norm<Scalar: BinaryFloatingPoint>(_ values: some Sequence<Scalar>) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// ‖a - b‖, and infinity where a is not finite.
func distance<Scalar: BinaryFloatingPoint, Other: BinaryFloatingPoint>(
    _ a: some Collection<Scalar>, _ b: some Collection<Other>
) -> Double {
    precondition(a.count == b.count, "expected \(b.count) scalars, got \(a.count)")
    var error = 0.0
    for (a, b) in zip(a, b) {
        guard a.isFinite else { return .infinity }
        error += (Double(a) - Double(b)) * (Double(a) - Double(b))
    }
    return error.squareRoot()
}
