import CVectorLoops
import Foundation
import Tensors
import TestSupport
import Testing

/// The elementary functions against the C library's in double precision, for every instruction set of this machine.
struct ElementaryFunctionTests {
    enum Function: String, CaseIterable {
        case exponential, sigmoid, gelu, silu, sine, cosine, square, squareRoot, relu
    }

    static let instructionSets: [vl_instruction_set] = [vl_baseline, vl_avx2, vl_avx512].filter {
        $0.rawValue <= vl_best_instruction_set().rawValue
    }

    /// Every 2^13th pattern of bits: both signs, subnormal numbers, infinities and NaN; the edges of the
    /// ranges; and densely the range in which the functions vary.
    static let arguments: [Float] = {
        let patterns: [Float] = (0..<UInt32(1) << 19).map { Float(bitPattern: $0 << 13 | $0 & 0x1FFF) }
        let close = Array(stride(from: Float(-110), through: 110, by: 0x1p-9))
        let edges: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.72283, 88.72284, -87.33655, -103.97208,
            -103.9721,
        ]
        return patterns + close + edges
    }()

    static func reference(_ function: Function, _ x: Double) -> Double {
        switch function {
        case .exponential: exp(x)
        case .sigmoid: 1 / (1 + exp(-x))
        case .gelu: x == -.infinity ? 0 : x * 0.5 * erfc(-x / 2.0.squareRoot())
        case .silu: x == -.infinity ? 0 : x / (1 + exp(-x))
        case .sine: sin(x)
        case .cosine: cos(x)
        case .square: x * x
        case .squareRoot: x.squareRoot()
        case .relu: x < 0 ? 0 : x
        }
    }

    static func values(_ function: Function, _ set: vl_instruction_set) -> [Float] {
        let loops = vl_tensor_loops_for(set).pointee
        let ones = [Float](repeating: 1, count: arguments.count)
        return [Float](unsafeUninitializedCapacity: arguments.count) { result, count in
            count = arguments.count
            let y = result.baseAddress!
            switch function {
            case .exponential: loops.exponential(y, arguments, count)
            case .sigmoid: loops.sigmoid(y, arguments, count)
            case .gelu: loops.gelu(y, arguments, count)
            case .silu: loops.silu(y, arguments, count)
            case .sine: loops.sine(y, arguments, count)
            case .cosine: loops.sine_pullback(y, arguments, ones, count)
            case .square: loops.square(y, arguments, count)
            case .squareRoot: loops.square_root(y, arguments, count)
            case .relu: loops.relu(y, arguments, count)
            }
        }
    }

    /// The errors that `tensor_loops.h` promises, in units in the last place.
    static let largestErrors: [Function: Double] = [
        .exponential: 1.5, .sigmoid: 2.5, .gelu: 8, .silu: 3, .sine: 0.6, .cosine: 0.6, .square: 0.5,
        .squareRoot: 0.5, .relu: 0,
    ]

    /// Small results of these are products of a subnormal number with one of up to 110.
    static let leastUnits: [Function: Float] = [
        .gelu: 100 * .leastNonzeroMagnitude, .silu: 100 * .leastNonzeroMagnitude,
    ]

    @Test(arguments: Function.allCases, instructionSets.map(\.rawValue))
    func errorIsBounded(_ function: Function, _ set: UInt32) {
        let values = Self.values(function, vl_instruction_set(set))
        var worst = (error: 0.0, argument: Float(0), value: Float(0), expected: 0.0)
        for (x, value) in zip(Self.arguments, values) {
            let expected = Self.reference(function, Double(x))
            let rounded = Float(expected)
            var error: Double
            if rounded.isNaN || value.isNaN {
                error = rounded.isNaN && value.isNaN ? 0 : .infinity
            } else if rounded == value {
                error = 0
            } else if rounded.isInfinite || value.isInfinite {
                // At the edge of overflow one may be the largest number and the other infinite.
                let large = min(abs(rounded), abs(value))
                error = abs(Double(large) - abs(expected)) / Double(Float.greatestFiniteMagnitude.ulp)
            } else {
                error =
                    abs(Double(value) - expected) / Double(max(rounded.ulp, Self.leastUnits[function] ?? 0))
            }
            if error > worst.error { worst = (error, x, value, expected) }
        }
        print(
            "\(function.rawValue), instruction set \(set): at most \(worst.error) ulp, at \(worst.argument)")
        #expect(
            worst.error <= Self.largestErrors[function]!,
            "at \(worst.argument): \(worst.value) instead of \(worst.expected)")
    }

    @Test(arguments: [[], [1], [7], [3, 1, 5], [2, 33]])
    func gradientsAreThoseOfFiniteDifferences(_ shape: [Int]) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        #expect(gradientMismatches(of: [x]) { $0[0].squared() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].exponential() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].sine() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].sigmoid() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].gelu() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].silu() } == [])
        // The root away from 0, where it is smooth; the rectifier away from its kink.
        let positive = (x.squared() + 1).detached
        #expect(gradientMismatches(of: [positive]) { $0[0].squareRoot() } == [])
        let apart = Tensor(shape: shape, scalars: x.scalars.map { $0 < 0 ? $0 - 1 : $0 + 1 })
        #expect(gradientMismatches(of: [apart], step: 0x1p-5) { $0[0].relu() } == [])
    }

    /// The derivative of GELU, Φ(x) + x φ(x), over the whole range: accurate where it is large, and never NaN.
    @Test(arguments: instructionSets.map(\.rawValue))
    func derivativeOfGELU(_ set: UInt32) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        let xs = Self.arguments.filter { !$0.isNaN }
        let ones = [Float](repeating: 1, count: xs.count)
        var values = ones
        loops.gelu_pullback(&values, xs, ones, xs.count)
        let expected = xs.map { x in
            let x = Double(x)
            let slope = abs(x) > 40 ? 0 : x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            return 0.5 * erfc(-x / 2.0.squareRoot()) + slope
        }
        // Sums of two terms of at most 1.2 with a few roundings each: 4 ε.
        #expect(largestDifference(values, expected) <= 4 * floatEpsilon)
    }
}
