import Tensors
import TestSupport
import Testing

struct ArithmeticTests {
    /// Same shape, scalars, missing axes, inner, outer and alternating repeats, both operands repeated, extent 1.
    static let shapes: [([Int], [Int])] = [
        ([3, 5], [3, 5]), ([], []), ([1], [1]), ([7], []), ([], [4]), ([2, 3, 5], [1]), ([2, 3, 7], [3, 7]),
        ([2, 3, 4, 5], [4, 5]), ([2, 3, 4, 5], [2, 3, 1, 1]), ([2, 3, 5], [1, 3, 1]),
        ([2, 1, 5], [1, 3, 1]),
        ([4, 1], [1, 6]), ([2, 3, 1, 5], [3, 4, 1]), ([1, 3, 17], [2, 3, 1]), ([2, 3, 4, 5], [2, 1, 4, 1]),
        ([1, 1, 1], [1, 1]), ([3, 1, 2, 1, 2], [1, 4, 1, 3, 1]), ([3, 1100], [3, 1]), ([40, 7, 61], [7, 1]),
    ]

    @Test(arguments: shapes)
    func valuesAreThoseOfTheLoop(_ left: [Int], _ right: [Int]) {
        var numbers = seededNumbers()
        let (a, b) = (numbers.tensor(left), numbers.tensor(right))
        let (naiveA, naiveB) = (NaiveTensor(a), NaiveTensor(b))
        let rank = max(left.count, right.count)
        func extent(_ shape: [Int], _ axis: Int) -> Int {
            let index = axis - (rank - shape.count)
            return index < 0 ? 1 : shape[index]
        }
        let shape = (0..<rank).map { max(extent(left, $0), extent(right, $0)) }
        func expected(_ operation: (Double, Double) -> Double) -> NaiveTensor {
            NaiveTensor(shape: shape) { index in
                func position(_ shape: [Int]) -> [Int] {
                    zip(shape, index.suffix(shape.count)).map { $0 == 1 ? 0 : $1 }
                }
                return operation(naiveA[position(left)], naiveB[position(right)])
            }
        }
        // One operation is rounded to the nearest: an error of at most ε / 2 times the result.
        for (result, naive) in [(a + b, expected(+)), (a - b, expected(-)), (a * b, expected(*))] {
            #expect(result.shape == shape)
            let bound = floatEpsilon / 2 * largestMagnitude(naive.scalars)
            #expect(largestDifference(result.scalars, naive.scalars) <= bound)
        }
    }

    @Test(arguments: shapes)
    func gradientsAreThoseOfFiniteDifferences(_ left: [Int], _ right: [Int]) {
        var numbers = seededNumbers()
        let operands = [numbers.tensor(left), numbers.tensor(right)]
        #expect(gradientMismatches(of: operands) { $0[0] + $0[1] } == [])
        #expect(gradientMismatches(of: operands) { $0[0] - $0[1] } == [])
        #expect(gradientMismatches(of: operands) { $0[0] * $0[1] } == [])
    }

    @Test func scalarOperands() {
        var numbers = seededNumbers()
        let x = numbers.tensor([3, 5])
        let operations: [(@Sendable (Tensor) -> Tensor, (Float) -> Float)] = [
            ({ $0 + 2.5 }, { $0 + 2.5 }), ({ 2.5 + $0 }, { 2.5 + $0 }), ({ $0 - 2.5 }, { $0 - 2.5 }),
            ({ 2.5 - $0 }, { 2.5 - $0 }), ({ $0 * 2.5 }, { $0 * 2.5 }), ({ 2.5 * $0 }, { 2.5 * $0 }),
            ({ -$0 }, { -$0 }),
        ]
        for (operation, expected) in operations {
            #expect(operation(x).scalars == x.scalars.map(expected))
            #expect(gradientMismatches(of: [x]) { operation($0[0]) } == [])
        }
    }

    @Test func emptyTensors() {
        let empty = Tensor(shape: [0, 3], repeating: 1)
        #expect((empty + Tensor(shape: [3], repeating: 1)).shape == [0, 3])
        #expect((empty * empty).count == 0)
        #expect(empty.sum().scalar == 0)
    }

    @Test func shapesThatDoNotBroadcastTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [2, 3], repeating: 1) + Tensor(shape: [2, 4], repeating: 1)
        }
        #expect(
            says(
                "expected shapes that broadcast, got [2, 3] and [2, 4]: an axis has both 3 and 4",
                result?.standardErrorContent))
    }
}
