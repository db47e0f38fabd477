import Tensors
import TestSupport
import Testing

struct MatrixProductTests {
    static let productCases: [([Int], [Int])] = [
        ([1, 1], [1, 1]), ([3, 5], [5, 2]), ([2, 3, 4], [2, 4, 5]), ([2, 3, 4, 1], [2, 3, 1, 4]),
        ([300, 3], [3, 2]),
        ([3, 1, 7], [3, 7, 1]),
    ]

    @Test(arguments: productCases)
    func productValues(_ left: [Int], _ right: [Int]) {
        var numbers = seededNumbers()
        let (a, b) = (numbers.tensor(left), numbers.tensor(right))
        let (naiveA, naiveB) = (NaiveTensor(a), NaiveTensor(b))
        let inner = left[left.count - 1]
        func expected(of: (Double) -> Double = { $0 }) -> NaiveTensor {
            NaiveTensor(shape: left.dropLast() + [right[right.count - 1]]) { index in
                (0..<inner).reduce(0.0) {
                    $0
                        + of(
                            naiveA[index.dropLast() + [$1]]
                                * naiveB[index.dropLast(2) + [$1, index[index.count - 1]]])
                }
            }
        }
        let result = a.matrixProduct(b)
        #expect(result.shape == expected().shape)
        // A product and a sum for each term are rounded, by ε / 2 of at most all magnitudes.
        let bound = floatEpsilon * Double(inner) * largestMagnitude(expected(of: abs).scalars)
        #expect(largestDifference(result.scalars, expected().scalars) <= bound)
    }

    @Test(arguments: productCases)
    func productGradients(_ left: [Int], _ right: [Int]) {
        var numbers = seededNumbers()
        let operands = [numbers.tensor(left), numbers.tensor(right)]
        #expect(gradientMismatches(of: operands) { $0[0].matrixProduct($0[1]) } == [])
        let several = operands + [numbers.tensor(right), numbers.tensor(right)]
        #expect(
            gradientMismatches(of: several) {
                .concatenated($0[0].matrixProducts(Array($0[1...])), alongAxis: left.count - 1)
            } == [])
        // The cotangents of results that are not used are missing.
        #expect(
            gradientMismatches(of: Array(several[..<3])) { $0[0].matrixProducts([$0[1], $0[2]])[1] }
                == [])
    }

    @Test func wrongShapesTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [3, 2], repeating: 0).matrixProduct(Tensor(shape: [3, 2], repeating: 0))
        }
        #expect(
            says(
                "expected shapes [..., I, K] and [..., K, J], got [3, 2] and [[3, 2]]",
                result?.standardErrorContent))
    }
}
