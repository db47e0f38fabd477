import Foundation
import Tensors
import TestSupport
import Testing

/// Pooling, rescaling by norms and depthwise correlation.
struct SpatialOperationTests {
    @Test(arguments: [
        ([2, 2, 8], 3), ([1, 2, 7], 9), ([2, 1, 5, 8], 3), ([1, 1, 1], 4), ([2, 3, 4, 4], 4),
        ([1, 2, 6, 3], 1),
    ])
    func pooling(_ shape: [Int], _ size: Int) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let naive = NaiveTensor(x)
        let pooled = shape[..<2] + shape[2...].map { _ in size }
        let expected = NaiveTensor(shape: Array(pooled)) { index in
            let windows = zip(index[2...], shape[2...]).map { output, extent in
                output * extent / size..<Int((Double((output + 1) * extent) / Double(size)).rounded(.up))
            }
            let points = windows.reduce([[]]) { points, window in
                points.flatMap { p in window.map { p + [$0] } }
            }
            return points.reduce(0.0) { $0 + naive[index[..<2] + $1] } / Double(points.count)
        }
        let result = x.adaptiveAveragePooled(to: size)
        #expect(result.shape == expected.shape)
        // Along each axis the share, a product and a sum for each point are rounded, by ε / 2 of at most the largest
        // scalar; n points pooled to m have windows of at most n / m + 2.
        let widest = Double(shape[2...].max()! / size + 2)
        let bound = Double(shape.count - 2) * (2 * widest + 1) * floatEpsilon / 2
        #expect(
            largestDifference(result.scalars, expected.scalars) <= bound * largestMagnitude(naive.scalars))
        #expect(gradientMismatches(of: [x]) { $0[0].adaptiveAveragePooled(to: size) } == [])
    }

    @Test(arguments: [[2, 3, 5], [1, 1, 1], [2, 2, 3, 4], [3, 2, 40]])
    func normRescaling(_ shape: [Int]) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let naive = NaiveTensor(x)
        let points = NaiveTensor.indices(of: Array(shape[2...]))
        let (alpha, beta) = (0.75, 0.5)
        let expected = NaiveTensor(shape: shape) { index in
            let norm = points.reduce(0.0) { $0 + pow(naive[index[..<2] + $1], 2) }.squareRoot()
            return alpha * naive[index] + beta * naive[index] / norm
        }
        // Four roundings of ε / 2: the norm, the quotient, its sum with alpha of the same sign, the product.
        let result = x.normRescaled(alpha: Float(alpha), beta: Float(beta))
        #expect(result.shape == shape)
        #expect(
            largestDifference(result.scalars, expected.scalars) <= 2.001 * floatEpsilon
                * largestMagnitude(expected.scalars))
        // Without alpha's term, which is a constant to the pullback; away from 0, where the direction turns fast.
        let apart = (x + 3).detached
        #expect(
            gradientMismatches(of: [apart]) { $0[0].normRescaled(alpha: 0, beta: 2) } == [])
        let (_, with) = valueAndGradient(at: Operands(tensors: [x])) {
            ($0.tensors[0].normRescaled(alpha: 5, beta: 2) * x).sum()
        }
        let (_, without) = valueAndGradient(at: Operands(tensors: [x])) {
            ($0.tensors[0].normRescaled(alpha: 0, beta: 2) * x).sum()
        }
        #expect(with["0"].scalars == without["0"].scalars)
    }

    @Test func normRescalingOfZeroIsFinite() {
        let zero = Operands(tensors: [Tensor(shape: [1, 2, 3], repeating: 0)])
        let (value, gradient) = valueAndGradient(at: zero) {
            $0.tensors[0].normRescaled(alpha: 1, beta: 0.5).sum()
        }
        #expect(value.scalar == 0)
        #expect(gradient["0"].scalars.allSatisfy { $0 == 0.5e12 })
    }

    @Test(arguments: [
        ([2, 3, 9], [3, 5]), ([1, 1, 1], [1, 3]), ([2, 2, 3], [2, 9]), ([2, 3, 5, 7], [3, 3, 3]),
        ([1, 2, 4, 4], [2, 5, 7]),
        ([2, 1, 1, 6], [1, 1, 1]), ([1, 2, 3, 40], [2, 3, 3]), ([1, 1, 100], [1, 7]),
        ([1, 2, 2, 2], [2, 9, 9]), ([1, 2, 3, 16], [2, 3, 3]), ([2, 1, 4, 33], [1, 5, 3]),
        ([1, 1, 9, 17], [1, 7, 7]), ([1, 1, 2, 48], [1, 9, 5]),
    ])
    func correlation(_ shape: [Int], _ kernelShape: [Int]) {
        var numbers = seededNumbers()
        let (x, kernel) = (numbers.tensor(shape), numbers.tensor(kernelShape))
        let (naiveX, naiveKernel) = (NaiveTensor(x), NaiveTensor(kernel))
        let taps = NaiveTensor.indices(of: Array(kernelShape[1...]))
        func terms(_ index: [Int]) -> [Double] {
            taps.map { tap in
                let source = zip(zip(index[2...], tap), kernelShape[1...]).map { $0.0 + $0.1 - ($1 - 1) / 2 }
                let isInside = zip(source, shape[2...]).allSatisfy { $0 >= 0 && $0 < $1 }
                return isInside ? naiveKernel[[index[1]] + tap] * naiveX[index[..<2] + source] : 0
            }
        }
        let expected = NaiveTensor(shape: shape) { terms($0).reduce(0, +) }
        let magnitudes = NaiveTensor(shape: shape) { terms($0).reduce(0) { $0 + abs($1) } }
        let result = x.depthwiseCorrelation(kernel: kernel)
        #expect(result.shape == shape)
        // A product and a sum for each tap are rounded, by ε / 2 of at most the sum of all magnitudes.
        let bound = floatEpsilon * Double(taps.count) * largestMagnitude(magnitudes.scalars)
        #expect(largestDifference(result.scalars, expected.scalars) <= bound)
        #expect(gradientMismatches(of: [x, kernel]) { $0[0].depthwiseCorrelation(kernel: $0[1]) } == [])
    }
}
