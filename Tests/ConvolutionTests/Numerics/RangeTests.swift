import Foundation
import TestSupport
import Testing

@testable import Convolution

/// Operands and results within the documented range never overflow on the way.
///
/// With e the largest exponent for which 2^e is below an eighth of the greatest finite magnitude, operands of norms just
/// below 1 times powers of two up to 2^e are at the documented bound. Powers of two round nothing, so results at the
/// bound must be those of ordinary operands times a power of two, bit by bit: no tolerance is needed.
@Suite(.releaseOnly) struct RangeTests {
    /// Norms of the operands as powers of two, the largest exponent being 1: every operand alone, every pair, all three.
    private static let splits: [(signal: Double, kernel: Double, upstream: Double)] = [
        (1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0.5), (0.875, 0.125, 0.125), (0.125, 0.875, 0.125),
    ]

    /// The greatest exponent e such that 2^e is within an eighth of the greatest finite magnitude.
    private func greatestExponent<Scalar: ConvolutionScalar>(_: Scalar.Type) -> Int {
        Int(Scalar.greatestFiniteMagnitude.exponent) - 3
    }

    /// A row family's numbers, with a norm just below 1.
    private func rows<Scalar: ConvolutionScalar>(
        _ family: RowFamily, _ count: Int, of length: Int, using generator: inout SplitMix64
    ) -> [Scalar] {
        let rows: [Scalar] = (0..<count).flatMap { _ in family.row(length, using: &generator) as [Scalar] }
        // Rounding a quotient changes it by at most ε / 2, and the norm by as much.
        let divisor = norm(rows) * (1 + 4 * Double(Scalar.ulpOfOne))
        return rows.map { Scalar(Double($0) / divisor) }
    }

    private func operands<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ pairing: Pairing, _ families: (RowFamily, RowFamily),
        using generator: inout SplitMix64
    ) throws -> Operands<Scalar> {
        let key = try shape.key()
        return Operands(
            pairing: pairing,
            signal: rows(families.0, pairing.signalCount, of: key.count(.signal), using: &generator),
            kernel: rows(families.1, pairing.kernelCount, of: key.count(.kernel), using: &generator),
            upstream: rows(families.0, pairing.outputCount, of: key.count(.output), using: &generator))
    }

    private func check<Scalar: ConvolutionScalar>(
        _ operands: Operands<Scalar>, _ convolution: LongConvolution<Scalar>, _ label: String
    ) throws {
        let ordinary = try operands.results(of: convolution)
        let greatest = Double(greatestExponent(Scalar.self))
        for split in Self.splits {
            let (x, k, g) = (
                Int(greatest * split.signal), Int(greatest * split.kernel), Int(greatest * split.upstream)
            )
            var extreme = operands
            extreme.signal = scaled(operands.signal, x)
            extreme.kernel = scaled(operands.kernel, k)
            extreme.upstream = scaled(operands.upstream, g)
            let results = try extreme.results(of: convolution)
            let expected = Results(
                output: scaled(ordinary.output, x + k),
                signalGradient: scaled(ordinary.signalGradient, g + k),
                kernelGradient: scaled(ordinary.kernelGradient, g + x))
            #expect(results.hasSameBits(as: expected), "\(label), \(split)")
        }
    }

    /// A family with itself drives products up, with an impulse the transform alone.
    private static let meetings: [(RowFamily, RowFamily)] = [
        (.constant, .constant), (.constant, .impulse), (.alternating, .alternating), (.impulse, .impulse),
        (.lastImpulse, .lastImpulse), (.tone, .tone), (.comb, .comb), (.comb, .impulse), (.random, .random),
    ]

    @Test(arguments: Shape.representatives)
    func atTheBound(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xA1)
        for families in Self.meetings {
            try check(
                operands(shape, .shared(batch: 1, channels: 1), families, using: &generator)
                    as Operands<Float>,
                shape.convolution(), "\(shape), \(families)")
            guard shape.pointCount < 50_000 else { continue }
            try check(
                operands(shape, .shared(batch: 1, channels: 1), families, using: &generator)
                    as Operands<Double>,
                shape.convolution(), "\(shape), \(families) in Double")
        }
    }

    /// Several rows a kernel, channels mixed, kernels as spectra: norms are those of all that is summed.
    @Test(arguments: Shape.representatives.filter { $0.pointCount < 50_000 })
    func sumsOverRows(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xA2)
        for pairing in [
            Pairing.shared(batch: 3, channels: 2), .perSample(batch: 2, channels: 1),
            .dense(batch: 2, inputs: 2, outputs: 3), .shared(batch: 70, channels: 1),
        ] {
            for families in [(RowFamily.constant, RowFamily.constant), (.random, .comb)] {
                try check(
                    operands(shape, pairing, families, using: &generator) as Operands<Float>,
                    shape.convolution(), "\(shape), \(pairing), \(families)")
            }
        }
    }

    @Test(arguments: Shape.representatives.filter { $0.pointCount < 50_000 })
    func spectraAndContextKernels(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xA3)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let e = greatestExponent(Float.self)
        for (x, k) in [(e, 0), (0, e), (e / 2, e - e / 2)] {
            let operands: Operands<Float> = try operands(
                shape, .shared(batch: 1, channels: 1), (.random, .constant), using: &generator)
            let expected = scaled(try operands.results(of: convolution).output, x + k)
            let (signal, kernel) = (scaled(operands.signal, x), scaled(operands.kernel, k))
            let ones = [Float](repeating: 1, count: kernel.count)
            try withMemory(of: Float.self) { memory in
                let output = memory.unwritten(expected.count)
                let spectrum = try convolution.spectrum(of: memory.copy(kernel))
                try convolution.apply(
                    memory.copy(signal), spectrum: spectrum, operands.pairing, into: output)
                #expect(sameBits(Array(output), expected), "\(shape), spectrum")
                try convolution.applyContextKernel(
                    memory.copy(kernel), factor: memory.copy(ones), to: [memory.copy(signal)], batch: 1,
                    channels: 1, into: [output])
                #expect(sameBits(Array(output), expected), "\(shape), context kernel")
            }
        }
    }

    /// Every radix, in one block and in steps, along one axis.
    @Test(arguments: 1...8, [[], [4], [8, 4]])
    func everyRadix(_ radix: Int, _ steps: [Int]) throws {
        var generator = SplitMix64.announced(seed: 0xA4)
        let recipe = RightAngleRecipe(radix: radix, steps: steps, leaf: 16)
        for boundary in [Boundary.full, .circular] {
            let shape = Shape(signal: [recipe.length], kernel: [recipe.length], boundary: boundary)
            func convolution<Scalar: ConvolutionScalar>() throws -> LongConvolution<Scalar> {
                let key = try shape.key()
                let line = try RightAngleTransform<Scalar>(
                    recipe: recipe, intervals: key.intervals(axis: 0), rigour: .estimate)
                return LongConvolution(plan: Plan(key, method: .spectral(.rightAngle(line))))
            }
            for families in Self.meetings {
                let pairing = Pairing.shared(batch: 1, channels: 1)
                try check(
                    operands(shape, pairing, families, using: &generator) as Operands<Float>, convolution(),
                    "\(shape), \(recipe), \(families)")
                try check(
                    operands(shape, pairing, families, using: &generator) as Operands<Double>, convolution(),
                    "\(shape), \(recipe), \(families) in Double")
            }
        }
    }

    /// Plain cases, far below what a transform without scaling would need.
    @Test func ordinaryRows() throws {
        func impulse(_ height: Float, _ count: Int) -> [Float] {
            [height] + [Float](repeating: 0, count: count - 1)
        }
        let convolution = try LongConvolution<Float>(length: 1024, kernelLength: 1024, boundary: .causal)
        let product = try convolution(impulse(1e18, 1024), impulse(1e19, 1024))
        let bound = { (n: Double) in Double(Float.ulpOfOne) * log2(n) }
        #expect(distance(product, impulse(1e37, 1024)) <= bound(2048) * 1e37)

        let large = [Float](repeating: 1e36, count: 1000)
        let copy = try LongConvolution<Float>(length: 1000, kernelLength: 1000, boundary: .causal)(
            large, impulse(1, 1000))
        #expect(distance(copy, large) <= bound(2000) * norm(large))
    }

    /// Small operands down to the documented bound, 64 n times the least normal magnitude for the norms and their
    /// products: what underflows adds less to the error than the accuracy allows for.
    ///
    /// `Float` is compared with the same operands in `Double`, which don't underflow there; `Double` with the results of
    /// ordinary operands times a power of two, so that only what underflow adds is seen.
    @Test(arguments: Shape.representatives.filter { $0.pointCount < 50_000 || $0.boundary == .full })
    func atTheLowerBound(_ shape: Shape) throws {
        var generator = SplitMix64.announced(seed: 0xA5)
        for families in Self.meetings {
            let pairing = Pairing.shared(batch: 1, channels: 1)
            let float: Operands<Float> = try operands(shape, pairing, families, using: &generator)
            let exact = try Operands<Double>(float).results(of: shape.convolution())
            try checkSmall(float, exact, shape, "\(shape), \(families)")
            let double: Operands<Double> = try operands(shape, pairing, families, using: &generator)
            try checkSmall(
                double, double.results(of: shape.convolution()), shape, "\(shape), \(families) in Double")
        }
    }

    private func checkSmall<Scalar: ConvolutionScalar>(
        _ operands: Operands<Scalar>, _ ordinary: Results<Double>, _ shape: Shape, _ label: String
    ) throws {
        // Norms are just below 1, so the exponent is rounded up by one more.
        let n = Double(shape.accuracyPointCount)
        let least = Int(Scalar.leastNormalMagnitude.exponent) + Int(log2(64 * n).rounded(.up)) + 1
        for split in Self.splits {
            let (x, k, g) = (
                Int(Double(least) * split.signal), Int(Double(least) * split.kernel),
                Int(Double(least) * split.upstream)
            )
            var small = operands
            small.signal = scaled(operands.signal, x)
            small.kernel = scaled(operands.kernel, k)
            small.upstream = scaled(operands.upstream, g)
            let results = try small.results(of: shape.convolution())
            let enlarged = Results(
                output: enlarged(results.output, x + k),
                signalGradient: enlarged(results.signalGradient, g + k),
                kernelGradient: enlarged(results.kernelGradient, g + x))
            let errors = Errors(of: enlarged, from: ordinary, allowed: .allowed(shape, operands))
            #expect(errors.largest <= 1, "\(label), \(split): \(errors)")
        }
    }

    /// The numbers over 2^exponent, which `Double` holds exactly.
    private func enlarged<Scalar: ConvolutionScalar>(_ numbers: [Scalar], _ exponent: Int) -> [Double] {
        scaled(numbers.map(Double.init), -exponent)
    }
}
