import Tensors
import TestSupport
import Testing

struct SummationTests {
    static let cases: [([Int], [Int])] = [
        ([], []), ([5], [0]), ([1], [0]), ([3, 5], [0]), ([3, 5], [1]), ([3, 5], [0, 1]), ([2, 3, 4], [1]),
        ([2, 3, 4], [0, 2]), ([2, 3, 4, 5], [1, 3]), ([2, 3, 4, 5], [2, 3]), ([2, 3, 1, 5], [2]),
        ([3, 1, 7], [0, 1]),
        ([2, 3, 4, 5, 2], [0, 2, 4]), ([3, 700], [0]), ([70000], [0]), ([2, 3, 4], []),
    ]

    @Test(arguments: cases)
    func valuesAreThoseOfTheLoop(_ shape: [Int], _ axes: [Int]) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let naive = NaiveTensor(x)
        let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
        var sums: [[Int]: Double] = [:]
        for index in NaiveTensor.indices(of: shape) {
            sums[index.indices.map { axes.contains($0) ? 0 : index[$0] }, default: 0] += naive[index]
        }
        let expected = NaiveTensor(shape: kept) { sums[$0]! }
        let count = axes.reduce(1) { $0 * shape[$1] }
        let sum = x.sum(overAxes: axes, keepingAxes: true)
        #expect(sum.shape == kept)
        // Summed in double precision and rounded once.
        let bound = floatEpsilon / 2 * largestMagnitude(expected.scalars)
        #expect(largestDifference(sum.scalars, expected.scalars) <= 1.01 * bound)
        #expect(x.sum(overAxes: axes).scalars == sum.scalars)
        #expect(x.sum(overAxes: axes).shape == shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
        // Rounded three times: the sum, the reciprocal count, the product.
        let means = expected.scalars.map { $0 / Double(count) }
        #expect(largestDifference(x.mean(overAxes: axes).scalars, means) <= 3 * bound / Double(count))
    }

    @Test(arguments: cases.filter { $0.0.reduce(1, *) < 1000 })
    func gradientsAreThoseOfFiniteDifferences(_ shape: [Int], _ axes: [Int]) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        #expect(gradientMismatches(of: [x]) { $0[0].sum(overAxes: axes) } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].mean(overAxes: axes, keepingAxes: true) } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].sum() } == [])
        #expect(gradientMismatches(of: [x]) { $0[0].mean() } == [])
        // The norm bends at 0: operands are kept away from it.
        #expect(gradientMismatches(of: [(x + 3).detached]) { $0[0].norm() } == [])
    }

    /// Sums that a running total in single precision would lose.
    @Test func sumsAreAccurate() {
        let x = Tensor(shape: [1 << 20], repeating: 0.1)
        let expected = Double(Float(0.1)) * Double(1 << 20)
        #expect(largestDifference([x.sum().scalar], [expected]) <= floatEpsilon / 2 * expected)
    }

    @Test func norms() {
        #expect(Tensor(shape: [2, 1], scalars: [3, -4]).norm().scalar == 5)
        // The squares neither overflow nor vanish.
        #expect(Tensor(shape: [2], scalars: [3e30, 4e30]).norm().scalar == 5e30)
        #expect(Tensor(shape: [2], scalars: [3e-30, 4e-30]).norm().scalar == 5e-30)
        let zero = Operands(tensors: [Tensor(shape: [4], repeating: 0)])
        let (value, gradient) = valueAndGradient(at: zero) { $0.tensors[0].norm() }
        #expect(value.scalar == 0)
        #expect(gradient["0"].scalars == [0, 0, 0, 0])
    }
}
