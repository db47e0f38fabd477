import Tensors
import TestSupport
import Testing

struct LinearAlgebraTests {
    /// Shapes of input and number of outputs: vectors, odd extents, extent 1, more points than a piece has.
    static let pointwiseCases: [([Int], Int)] = [
        ([1, 1], 1), ([3, 5], 4), ([2, 3, 1], 5), ([2, 3, 7], 5), ([1, 4, 3, 5], 2), ([3, 1, 2, 2], 7),
        ([2, 3, 2100], 2), ([70, 3, 2], 3), ([1, 400, 2], 3), ([1, 2, 3], 400),
    ]

    @Test(arguments: pointwiseCases)
    func pointwiseValues(_ shape: [Int], _ outputs: Int) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let weight = numbers.tensor([outputs, shape[1]])
        let bias = numbers.tensor([outputs])
        let (naiveX, naiveWeight, naiveBias) = (NaiveTensor(x), NaiveTensor(weight), NaiveTensor(bias))
        func expected(_ bias: ([Int]) -> Double) -> NaiveTensor {
            NaiveTensor(shape: [shape[0], outputs] + shape[2...]) { index in
                (0..<shape[1]).reduce(bias([index[1]])) {
                    $0 + naiveWeight[[index[1], $1]] * naiveX[[index[0], $1] + index[2...]]
                }
            }
        }
        for (result, naive) in [
            (x.pointwise(weight: weight, bias: bias), expected { naiveBias[$0] }),
            (x.pointwise(weight: weight), expected { _ in 0 }),
        ] {
            #expect(result.shape == naive.shape)
            // Channels + 1 roundings, each relative to a partial sum.
            let bound = floatEpsilon * Double(shape[1] + 1) * largestMagnitude(naive.scalars)
            #expect(largestDifference(result.scalars, naive.scalars) <= bound)
        }
    }

    @Test(arguments: pointwiseCases)
    func pointwiseGradients(_ shape: [Int], _ outputs: Int) {
        var numbers = seededNumbers()
        let operands = [
            numbers.tensor(shape), numbers.tensor([outputs, shape[1]]), numbers.tensor([outputs]),
        ]
        #expect(gradientMismatches(of: operands) { $0[0].pointwise(weight: $0[1], bias: $0[2]) } == [])
        #expect(gradientMismatches(of: Array(operands[..<2])) { $0[0].pointwise(weight: $0[1]) } == [])
    }

    /// Products of more than a million multiplications, of two inputs: values and cotangents against sums in double
    /// precision. More points than a piece has, a strip that is not full, more channels than one product sums over; a
    /// single point and more samples than a piece has.
    @Test(
        arguments: [
            ([2, 26, 2100], 50), ([3, 80, 150], 90), ([1, 400, 60], 50), ([2, 5, 6, 100], 400),
            ([300, 26], 90),
        ])
    func largePointwise(_ shape: [Int], _ outputs: Int) {
        var numbers = seededNumbers()
        let (batch, points) = (shape[0], shape[2...].reduce(1, *))
        let channels = [shape[1], 7]
        let inputs = channels.map { numbers.tensor([batch, $0] + shape[2...]) }
        let weight = numbers.tensor([outputs, channels[0] + channels[1]])
        let bias = numbers.tensor([outputs])
        let cotangent = numbers.tensor([batch, outputs] + shape[2...])
        let mapped = Tensor.pointwise(inputs, weight: weight, bias: bias)
        let (_, gradient) = valueAndGradient(at: Operands(tensors: inputs + [weight, bias])) { model in
            let p = model.tensors
            return (Tensor.pointwise([p[0], p[1]], weight: p[2], bias: p[3]) * cotangent).sum()
        }

        // All channels of both inputs, sample by sample.
        var x: [Double] = []
        for sample in 0..<batch {
            for (input, count) in zip(inputs, channels) {
                x += input.scalars[sample * count * points..<(sample + 1) * count * points].map(Double.init)
            }
        }
        let (w, b) = (weight.scalars.map(Double.init), bias.scalars.map(Double.init))
        let g = cotangent.scalars.map(Double.init)
        let all = channels[0] + channels[1]
        var y = [Double](repeating: 0, count: g.count)
        var (xCotangent, wCotangent) = (x.map { _ in 0.0 }, w.map { _ in 0.0 })
        for sample in 0..<batch {
            for output in 0..<outputs {
                let row = (sample * outputs + output) * points
                for point in 0..<points { y[row + point] += b[output] }
                for channel in 0..<all {
                    let source = (sample * all + channel) * points
                    let factor = w[output * all + channel]
                    var sum = 0.0
                    for point in 0..<points {
                        y[row + point] += factor * x[source + point]
                        xCotangent[source + point] += factor * g[row + point]
                        sum += g[row + point] * x[source + point]
                    }
                    wCotangent[output * all + channel] += sum
                }
            }
        }
        /// Each of `terms` roundings is relative to a partial sum.
        func expect(_ found: Tensor, _ expected: [Double], terms: Int) {
            let bound = floatEpsilon * Double(terms) * largestMagnitude(expected)
            #expect(largestDifference(found.scalars, expected) <= bound)
        }
        expect(mapped, y, terms: all + 1)
        expect(gradient["2"], wCotangent, terms: batch * points)
        var bCotangent = [Double](repeating: 0, count: outputs)
        for (index, value) in g.enumerated() { bCotangent[index / points % outputs] += value }
        expect(gradient["3"], bCotangent, terms: batch * points)
        var first = 0
        for (index, count) in channels.enumerated() {
            var expected: [Double] = []
            for sample in 0..<batch {
                let start = (sample * all + first) * points
                expected += xCotangent[start..<start + count * points]
            }
            expect(gradient[String(index)], expected, terms: outputs)
            first += count
        }
    }

    /// Several inputs, one of them twice, are mapped as what they make when put together.
    @Test(arguments: [[2], [2, 1], [3, 7], [2, 3, 5], [2, 2100]])
    func pointwiseOfSeveral(_ extents: [Int]) {
        var numbers = seededNumbers()
        let (batch, points) = (extents[0], Array(extents.dropFirst()))
        let inputs = [3, 1, 4].map { numbers.tensor([batch, $0] + points) }
        let (weight, bias) = (numbers.tensor([5, 9]), numbers.tensor([5]))
        func several(_ inputs: [Tensor]) -> [Tensor] { [inputs[0], inputs[1], inputs[2], inputs[1]] }
        let expected = Tensor.concatenated(several(inputs), alongAxis: 1).pointwise(
            weight: weight, bias: bias)
        let found = Tensor.pointwise(several(inputs), weight: weight, bias: bias)
        #expect(found.shape == expected.shape)
        // Each has channels + 1 roundings, relative to partial sums below the largest sum of magnitudes.
        let largest =
            9 * largestScalar(of: [weight]) * largestScalar(of: inputs) + largestScalar(of: [bias])
        let bound = 2 * floatEpsilon * 10 * largest
        #expect(largestDifference(found.scalars, expected.scalars.map(Double.init)) <= bound)
        #expect(
            gradientMismatches(of: inputs + [weight, bias]) {
                .pointwise(several(Array($0[..<3])), weight: $0[3], bias: $0[4])
            } == [])
        #expect(
            gradientMismatches(of: inputs + [weight]) { .pointwise(several(Array($0[..<3])), weight: $0[3]) }
                == [])
    }

    /// Copies of columns act on copies of channels as their sum acts on the channels.
    @Test func foldedColumns() {
        var numbers = seededNumbers()
        let (once, thrice) = (numbers.tensor([2, 2, 6]), numbers.tensor([2, 3, 6]))
        let weight = numbers.tensor([4, 2 + 3 * 3 + 2])
        let runs = [
            RepeatedColumns(columns: 2), RepeatedColumns(columns: 3, copies: 3), RepeatedColumns(columns: 2),
        ]
        let expected = Tensor.pointwise([once, thrice, thrice, thrice, once], weight: weight)
        let found = Tensor.pointwise([once, thrice, once], weight: weight.foldingColumns(runs))
        // Each scalar is a sum of 13 products with as many roundings, or fewer.
        let largest = largestScalar(of: [weight]) * largestScalar(of: [once, thrice])
        #expect(
            largestDifference(found.scalars, expected.scalars.map(Double.init))
                <= 2 * floatEpsilon * 13 * 13 * largest)
        #expect(gradientMismatches(of: [weight]) { $0[0].foldingColumns(runs) } == [])
        #expect(weight.foldingColumns([RepeatedColumns(columns: 13)]).scalars == weight.scalars)
    }

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
        let expected = NaiveTensor(shape: left.dropLast() + [right[right.count - 1]]) { index in
            (0..<inner).reduce(0.0) {
                $0 + naiveA[index.dropLast() + [$1]]
                    * naiveB[index.dropLast(2) + [$1, index[index.count - 1]]]
            }
        }
        let result = a.matrixProduct(b)
        #expect(result.shape == expected.shape)
        let bound = floatEpsilon * Double(inner) * largestMagnitude(expected.scalars)
        #expect(largestDifference(result.scalars, expected.scalars) <= bound)
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

    private func largestScalar(of tensors: [Tensor]) -> Double {
        Double(tensors.flatMap(\.scalars).map(abs).max()!)
    }

    @Test func wrongShapesTrap() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor(shape: [2, 4], repeating: 0).foldingColumns([RepeatedColumns(columns: 2, copies: 3)])
        }
        await #expect(processExitsWith: .failure) {
            let inputs = [Tensor(shape: [1, 3, 2], repeating: 0), Tensor(shape: [1, 3, 4], repeating: 0)]
            _ = Tensor.pointwise(inputs, weight: Tensor(shape: [2, 6], repeating: 0))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor(shape: [1, 3, 2], repeating: 0).pointwise(weight: Tensor(shape: [2, 4], repeating: 0))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor(shape: [3, 2], repeating: 0).matrixProduct(Tensor(shape: [3, 2], repeating: 0))
        }
    }
}
