import TestSupport
import Testing

@testable import Convolution

/// What every convolution obeys, whatever its length.
@Suite struct PropertyTests {
    private let pairing = Pairing.shared(batch: 1, channels: 1)

    /// An impulse in the signal gives the kernel (reversed, for correlation), where the impulse stands.
    @Test(arguments: Shape.representatives.filter { $0.signal.count == 1 })
    func impulseInTheSignal(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x41)
        var operands = try Operands<Double>(shape, pairing, using: &generator)
        let axis = try shape.axes()[0]
        for position in Set([0, 1, axis.signal / 2, axis.signal - 1]) {
            operands.signal = (0..<axis.signal).map { $0 == position ? 1 : 0 }
            var expected = [Double](repeating: 0, count: axis.output)
            for s in 0..<axis.kernel {
                let weight = operands.kernel[
                    shape.orientation == .convolution ? s : axis.kernel - 1 - s]
                var output = position + s - axis.offset
                if axis.isPeriodic { output %= axis.signal }
                if expected.indices.contains(output) { expected[output] = weight }
            }
            let error = distance(try operands.results(of: shape.convolution()).output, expected)
            // ‖x‖ = 1
            #expect(
                error <= transformTolerance(Double.self, points: shape.pointCount) * norm(operands.kernel),
                "\(shape), impulse at \(position)")
        }
    }

    /// An impulse in the kernel delays a causal signal, and turns a circular one.
    @Test(arguments: [37, 784, 5000, 40_000])
    func impulseInTheKernel(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x42)
        for boundary in [Boundary.causal, .circular] {
            let shape = Shape(signal: [length], kernel: [length / 2], boundary: boundary)
            var operands = try Operands<Double>(shape, pairing, using: &generator)
            for delay in [0, 1, length / 2 - 1] {
                operands.kernel = (0..<length / 2).map { $0 == delay ? 1 : 0 }
                let expected = operands.signal.indices.map {
                    $0 >= delay
                        ? operands.signal[$0 - delay]
                        : boundary == .circular ? operands.signal[$0 - delay + length] : 0
                }
                let error = distance(try operands.results(of: shape.convolution()).output, expected)
                // ‖k‖ = 1
                #expect(
                    error <= transformTolerance(Double.self, points: shape.pointCount)
                        * norm(operands.signal), "\(shape), delay \(delay)")
            }
        }
    }

    /// The output is linear in the signal and in the kernel.
    @Test(arguments: Shape.representatives)
    func linearity(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x43)
        let first = try Operands<Double>(shape, pairing, using: &generator)
        let second = try Operands<Double>(shape, pairing, using: &generator)
        let convolution: LongConvolution<Double> = try shape.convolution()
        func combined(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { 0.75 * $0 - 3 * $1 } }
        func output(_ signal: [Double], _ kernel: [Double]) throws -> [Double] {
            try convolution(signal, kernel)
        }
        // Three outputs, each with its own error; norms of what goes in bound them all.
        let scale =
            4 * max(norm(first.signal), norm(second.signal)) * max(norm(first.kernel), norm(second.kernel))
        let tolerance = 3 * transformTolerance(Double.self, points: shape.pointCount) * scale
        #expect(
            distance(
                try output(combined(first.signal, second.signal), first.kernel),
                combined(
                    try output(first.signal, first.kernel), try output(second.signal, first.kernel)))
                <= tolerance)
        #expect(
            distance(
                try output(first.signal, combined(first.kernel, second.kernel)),
                combined(
                    try output(first.signal, first.kernel), try output(first.signal, second.kernel)))
                <= tolerance)
    }

    /// A signal that comes later gives an output that comes later.
    @Test(arguments: [37, 60, 784, 5000, 40_000])
    func timeShift(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x44)
        for boundary in [Boundary.causal, .circular] {
            let shape = Shape(signal: [length], kernel: [length * 2 / 3], boundary: boundary)
            let operands = try Operands<Double>(shape, pairing, using: &generator)
            let convolution: LongConvolution<Double> = try shape.convolution()
            let shift = length / 3
            func shifted(_ row: [Double]) -> [Double] {
                (boundary == .circular ? Array(row.suffix(shift)) : [Double](repeating: 0, count: shift))
                    + row.dropLast(shift)
            }
            let error = distance(
                try convolution(shifted(operands.signal), operands.kernel),
                shifted(try convolution(operands.signal, operands.kernel)))
            // Two convolutions, each with its own error.
            #expect(
                error <= 2 * transformTolerance(Double.self, points: shape.pointCount)
                    * norm(operands.signal) * norm(operands.kernel), "\(shape)")
        }
    }

    /// ⟨A x, g⟩ = ⟨x, Aᵀ g⟩, for the signal and for the kernel.
    @Test(arguments: Shape.representatives)
    func adjoint(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x45)
        for pairing in [
            Pairing.shared(batch: 2, channels: 2), .perSample(batch: 2, channels: 1),
            .dense(batch: 2, inputs: 2, outputs: 1),
        ] {
            let operands = try Operands<Double>(shape, pairing, using: &generator)
            let results = try operands.results(of: shape.convolution())
            func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            let ofOutput = product(results.output, operands.upstream)
            let ofSignal = product(operands.signal, results.signalGradient)
            let ofKernel = product(operands.kernel, results.kernelGradient)
            // By Cauchy and Schwarz, two results with relative errors of the tolerance.
            let tolerance =
                2 * transformTolerance(Double.self, points: shape.pointCount) * norm(operands.signal)
                * norm(operands.kernel) * norm(operands.upstream)
            #expect(abs(ofOutput - ofSignal) <= tolerance, "signal of \(shape) \(pairing)")
            #expect(abs(ofOutput - ofKernel) <= tolerance, "kernel of \(shape) \(pairing)")
        }
    }

    /// Nothing that is read is written: the operands have the same bits afterwards.
    @Test(arguments: Shape.representatives)
    func operandsArePreserved(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0x46)
        let convolution: LongConvolution<Float> = try shape.convolution()
        for pairing in [Pairing.shared(batch: 2, channels: 1), .dense(batch: 1, inputs: 2, outputs: 2)] {
            let operands = try Operands<Float>(shape, pairing, using: &generator)
            // Copies of their own memory, not shared with the operands.
            let before = (
                operands.signal.map { $0 }, operands.kernel.map { $0 }, operands.upstream.map { $0 }
            )
            _ = try operands.results(of: convolution)
            #expect(
                sameBits(operands.signal, before.0) && sameBits(operands.kernel, before.1)
                    && sameBits(operands.upstream, before.2), "\(shape) \(pairing)")
        }
    }
}
