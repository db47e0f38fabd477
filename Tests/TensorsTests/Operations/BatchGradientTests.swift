import Convolution
import TestSupport
import Testing

@testable import Tensors

/// Gradients of parameters, which are sums over the batch, have the bits of `batchSum`, for any number of threads.
@Suite struct BatchGradientTests {
    /// The gradients of Σ c · y(parameters), so that c is the cotangent of y.
    private func parameterGradients(
        of parameters: [Tensor], cotangent: Tensor, _ output: ([Tensor]) -> Tensor
    ) -> [[UInt32]] {
        let (_, gradient) = valueAndGradient(at: Operands(tensors: parameters)) {
            (output($0.tensors) * cotangent).sum()
        }
        return parameters.indices.map { gradient["\($0)"].scalars.map(\.bitPattern) }
    }

    private func bits(_ scalars: [Float]) -> [UInt32] { scalars.map(\.bitPattern) }

    /// Each sample adds one product to each of the weight's cotangents: the second point is zero, if there is one, and
    /// products with powers of two are exact. Sums of weights are in single precision, those of biases in double.
    @Test(arguments: BatchGroupsTests.batches, [1, 2]) func pointwiseMaps(batch: Int, points: Int) {
        var numbers = seededNumbers()
        let (outputs, inputs) = (5, 7)
        let weight = numbers.tensor([outputs, inputs])
        let bias = numbers.tensor([outputs])
        var (x, g) = ([Float](), [Float]())
        for _ in 0..<batch * inputs {
            x += [.random(in: -1...1, using: &numbers), 0].prefix(points)
        }
        for _ in 0..<batch * outputs {
            g += [Float(sign: .plus, exponent: .random(in: -9...9, using: &numbers), significand: 1), 0]
                .prefix(points)
        }
        let expected = (0..<outputs * inputs).map { index in
            let (output, input) = index.quotientAndRemainder(dividingBy: inputs)
            return batchSum(
                (0..<batch).map {
                    g[($0 * outputs + output) * points] * x[($0 * inputs + input) * points]
                })
        }
        let expectedBias = (0..<outputs).map { output in
            Float(batchSum((0..<batch).map { Double(g[($0 * outputs + output) * points]) }))
        }
        let input = Tensor(shape: [batch, inputs, points], scalars: x)
        for threads in BatchGroupsTests.threads {
            let gradients = Threads.withCount(threads) {
                parameterGradients(
                    of: [weight, bias], cotangent: Tensor(shape: [batch, outputs, points], scalars: g)
                ) { input.pointwise(weight: $0[0], bias: $0[1]) }
            }
            #expect(gradients == [bits(expected), bits(expectedBias)])
        }
    }

    /// Rows of several tiles, which small batches sum in parts. Sums of whole numbers up to 2^24 are exact, whatever
    /// their order: no tile is lost and none is taken twice.
    @Test(arguments: BatchGroupsTests.batches) func pointwiseMapsOfLongRows(batch: Int) {
        var numbers = seededNumbers()
        let (outputs, inputs, points) = (2, 64, 5000)
        var x = [Float](), g = [Float]()
        for _ in 0..<batch * inputs * points { x.append(Float(Int(numbers.next() >> 33 % 3) - 1)) }
        for _ in 0..<batch * outputs * points { g.append(Float(Int(numbers.next() >> 33 % 3) - 1)) }
        var expected = [Float](repeating: 0, count: outputs * inputs)
        for sample in 0..<batch {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let (row, column) = (
                        (sample * outputs + output) * points, (sample * inputs + input) * points
                    )
                    var sum: Float = 0
                    for point in 0..<points { sum += g[row + point] * x[column + point] }
                    expected[output * inputs + input] += sum
                }
            }
        }
        let input = Tensor(shape: [batch, inputs, points], scalars: x)
        let weight = numbers.tensor([outputs, inputs])
        let gradients = parameterGradients(
            of: [weight], cotangent: Tensor(shape: [batch, outputs, points], scalars: g)
        ) { input.pointwise(weight: $0[0]) }
        #expect(gradients == [bits(expected)])
    }

    /// One scalar of the cotangent is 1 and all others 0: the kernel's gradient is the sum of the inputs around it.
    @Test(arguments: BatchGroupsTests.batches) func depthwiseKernels(batch: Int) {
        var numbers = seededNumbers()
        for (extents, kernel) in [([40], [3]), ([4, 40], [3, 3])] {
            let (size, columns) = (extents.reduce(1, *), 40)
            let terms = (0..<size).map { _ in cancellingTerms(batch, using: &numbers) }
            let input = Tensor(
                shape: [batch, 1] + extents, scalars: (0..<batch).flatMap { b in terms.map { $0[b] } })
            let center = size / columns / 2 * columns + 20
            let cotangent = Tensor(
                shape: [batch, 1] + extents,
                scalars: (0..<batch * size).map { $0 % size == center ? 1 : 0 })
            let rows = kernel.count == 2 ? [-1, 0, 1] : [0]
            let expected = rows.flatMap { row in
                (-1...1).map { Float(batchSum(terms[center + row * columns + $0].map(Double.init))) }
            }
            let gradients = parameterGradients(
                of: [Tensor(shape: [1] + kernel, repeating: 1)], cotangent: cotangent
            ) { input.depthwiseCorrelation(kernel: $0[0]) }
            #expect(gradients == [bits(expected)])
        }
    }

    /// The transpose of broadcasting over the batch.
    @Test(arguments: BatchGroupsTests.batches) func broadcastOperands(batch: Int) {
        var numbers = seededNumbers()
        let terms = (0..<12).map { _ in cancellingTerms(batch, using: &numbers) }
        let cotangent = Tensor(
            shape: [batch, 3, 4], scalars: (0..<batch).flatMap { b in terms.map { $0[b] } })
        let zero = Tensor(shape: [batch, 3, 4], repeating: 0)
        let gradients = parameterGradients(
            of: [Tensor(shape: [1, 3, 4], repeating: 1)], cotangent: cotangent
        ) {
            zero + $0[0]
        }
        #expect(gradients == [bits(terms.map { Float(batchSum($0.map(Double.init))) })])
    }
}
