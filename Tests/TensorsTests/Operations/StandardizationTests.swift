import Foundation
import Tensors
import TestSupport
import Testing

struct StandardizationTests {
    static let cases: [([Int], StandardizationExtent)] = [
        ([2, 3, 7], .instance), ([2, 3, 7], .batch), ([2, 4, 3, 3], .alternating(groups: 2)),
        ([2, 6, 5], .alternating(groups: 3)), ([4, 5], .batch), ([1, 2, 9], .batch),
        ([3, 1, 5], .alternating(groups: 1)),
        ([1, 1, 16], .instance), ([3, 2, 300], .batch),
    ]

    static func standardize(_ x: NaiveTensor, over extent: StandardizationExtent, epsilon: Double)
        -> NaiveTensor
    {
        let channels = x.shape[1]
        func unit(_ index: [Int]) -> [Int] {
            let isOverBatch: Bool =
                switch extent {
                case .instance: false
                case .batch: true
                case .alternating(let groups): index[1] / (channels / groups) % 2 == 0
                }
            return [isOverBatch ? -1 : index[0], index[1]]
        }
        var groups: [[Int]: [Double]] = [:]
        for index in NaiveTensor.indices(of: x.shape) { groups[unit(index), default: []].append(x[index]) }
        let statistics = groups.mapValues { values in
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            return (mean: mean, deviation: (variance + epsilon).squareRoot())
        }
        return NaiveTensor(shape: x.shape) { index in
            let (mean, deviation) = statistics[unit(index)]!
            return (x[index] - mean) / deviation
        }
    }

    @Test(arguments: cases)
    func valuesAreThoseOfTheLoop(_ shape: [Int], _ extent: StandardizationExtent) {
        var numbers = seededNumbers()
        // A mean a hundred times the deviation.
        let x = (numbers.tensor(shape) + 100).detached
        let expected = Self.standardize(NaiveTensor(x), over: extent, epsilon: Double(Float(1e-5)))
        // Mean and deviation are exact to double precision; four roundings of numbers of the result's size.
        let bound = 2 * floatEpsilon * largestMagnitude(expected.scalars)
        let result = x.standardized(over: extent)
        #expect(result.shape == shape)
        #expect(largestDifference(result.scalars, expected.scalars) <= bound)
        // GELU's slope is at most 1.13, its own error 8 units of the last place.
        let activated = expected.scalars.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
        #expect(
            largestDifference(x.standardizedGELU(over: extent).scalars, activated)
                <= 1.13 * bound + 8 * floatEpsilon * largestMagnitude(activated))
    }

    /// The third derivative of a standardization over few scalars is large: hence the smaller step.
    @Test(arguments: cases)
    func gradientsAreThoseOfFiniteDifferences(_ shape: [Int], _ extent: StandardizationExtent) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        #expect(
            gradientMismatches(of: [x], step: 0x1p-6) { $0[0].standardized(over: extent, epsilon: 0.1) } == []
        )
        #expect(
            gradientMismatches(of: [x], step: 0x1p-6) { $0[0].standardizedGELU(over: extent, epsilon: 0.1) }
                == [])
        #expect(
            gradientMismatches(of: [x, numbers.tensor([1])], step: 0x1p-6) {
                $0[0].standardizedGELU(over: extent, epsilon: 0.1, offset: $0[1])
            } == [])
        #expect(gradientMismatches(of: [x], step: 0x1p-6) { $0[0].standardized(over: extent) } == [])
    }

    @Test(arguments: cases)
    func anOffsetIsAdded(_ shape: [Int], _ extent: StandardizationExtent) {
        var numbers = seededNumbers()
        let (x, offset) = (numbers.tensor(shape), numbers.tensor([1]))
        let expected = x.standardizedGELU(over: extent) + offset
        #expect(x.standardizedGELU(over: extent, offset: offset).scalars == expected.scalars)
    }

    @Test(arguments: cases)
    func factorsMultiplyChannelsOfSamples(_ shape: [Int], _ extent: StandardizationExtent) {
        var numbers = seededNumbers()
        let (x, offset) = (numbers.tensor(shape), numbers.tensor([1]))
        // One channel is dropped.
        var factors = numbers.tensor(Array(shape.prefix(2)))
        factors.updateScalars { $0[0] = 0 }
        let column = factors.reshaped(to: Array(shape.prefix(2)) + shape.dropFirst(2).map { _ in 1 })
        let expected = x.standardizedGELU(over: extent, offset: offset) * column
        #expect(
            x.standardizedGELU(over: extent, offset: offset, factors: factors).scalars == expected.scalars)
        let given = factors
        #expect(
            gradientMismatches(of: [x, offset], step: 0x1p-6) {
                $0[0].standardizedGELU(over: extent, epsilon: 0.1, offset: $0[1], factors: given)
            } == [])
    }

    /// Those of each channel over batch and space, also where samples are standardized by themselves.
    @Test(arguments: cases)
    func momentsOfChannels(_ shape: [Int], _ extent: StandardizationExtent) {
        var numbers = seededNumbers()
        let x = (numbers.tensor(shape) + 100).detached
        let moments = x.standardizedGELUAndMoments(over: extent).moments
        let expectedShape = [1, shape[1]] + shape.dropFirst(2).map { _ in 1 }
        #expect(moments.mean.shape == expectedShape && moments.variance.shape == expectedShape)
        for channel in 0..<shape[1] {
            let values = x.slice(alongAxis: 1, channel..<channel + 1).scalars.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            let squares: [Double] = values.map { ($0 - mean) * ($0 - mean) }
            let variance = squares.reduce(0, +) / Double(values.count)
            // Rounded once, by ε / 2; the errors in double precision are far below the other half.
            let errors = (
                mean: abs(Double(moments.mean.scalars[channel]) - mean),
                variance: abs(Double(moments.variance.scalars[channel]) - variance)
            )
            #expect(errors.mean <= floatEpsilon * abs(mean))
            #expect(errors.variance <= floatEpsilon * (variance + 1e-8))
        }
    }

    @Test(arguments: [StandardizationExtent.instance, .batch, .alternating(groups: 2)])
    func constantInputIsFinite(_ extent: StandardizationExtent) {
        let operands = Operands(tensors: [Tensor(shape: [2, 2, 5], repeating: 3)])
        let (value, gradient) = valueAndGradient(at: operands) { model in
            (model.tensors[0].standardized(over: extent) + model.tensors[0].standardizedGELU(over: extent))
                .sum()
        }
        #expect(value.scalar == 0)
        // The standardization's own pullback is exact: (1 - 1) / √ε. GELU's is (g - mean(g)) / √ε with all g equal to
        // 1/2, whose mean has two roundings of ε / 2 (the sum and the quotient).
        let bound = floatEpsilon * 0.5 / Double(Float(1e-5)).squareRoot()
        #expect(gradient["0"].scalars.allSatisfy { abs(Double($0)) <= 1.001 * bound })
    }

    /// Double precision holds the sums of up to 2^29 equal floats exactly, so the mean is the value itself.
    @Test(
        arguments: [StandardizationExtent.instance, .batch, .alternating(groups: 2)],
        [Float(0.1), -1e10, 0x1p-140])
    func constantInputHasExactlyNoVariance(_ extent: StandardizationExtent, value: Float) {
        let x = Tensor(shape: [37, 2, 250], repeating: value)
        let (activated, moments) = x.standardizedGELUAndMoments(over: extent)
        #expect(moments.mean.scalars == [value, value])
        #expect(moments.variance.scalars == [0, 0])
        #expect(activated.scalars.allSatisfy { $0 == 0 })
        #expect(x.standardized(over: extent).scalars.allSatisfy { $0 == 0 })
    }

    /// Two numbers 0.25 apart at a million: all sums are exact, and the deviation is 1/8 in every part.
    @Test(arguments: [StandardizationExtent.instance, .batch, .alternating(groups: 2)])
    func aLargeMeanTakesNoDigitsFromTheVariance(_ extent: StandardizationExtent) {
        let shape = [10, 2, 50]
        let x = Tensor(shape: shape, scalars: (0..<1000).map { Float(1e6) + ($0 % 2 == 0 ? 0 : 0.25) })
        let moments = x.standardizedGELUAndMoments(over: extent).moments
        #expect(moments.mean.scalars == [1e6 + 0.125, 1e6 + 0.125])
        #expect(moments.variance.scalars == [0x1p-6, 0x1p-6])
        // One over the deviation is rounded, and so is its product with 1/8: one ε.
        let expected = 0.125 / (0x1p-6 + 1e-5).squareRoot()
        let sizes = x.standardized(over: extent).scalars.map { abs(Double($0)) }
        #expect(sizes.allSatisfy { abs($0 - expected) <= floatEpsilon })
    }

    @Test func groupsThatDoNotDivideTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 5, 2], repeating: 0).standardized(over: .alternating(groups: 2))
        }
        #expect(
            says("expected a number of groups that divides 5 channels, got 2", result?.standardErrorContent))
    }
}
