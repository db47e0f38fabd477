import Tensors
import TestSupport
import Testing

struct PointwiseTests {
    /// Shapes of input and number of outputs: vectors, odd extents, extent 1, more points than a task has.
    static let pointwiseCases: [([Int], Int)] = [
        ([1, 1], 1), ([3, 5], 4), ([2, 3, 1], 5), ([2, 3, 7], 5), ([1, 4, 3, 5], 2), ([3, 1, 2, 2], 7),
        ([2, 3, 2100], 2), ([70, 3, 2], 3), ([1, 400, 2], 3), ([1, 2, 3], 400),
    ]

    /// A stream has the bits of its sequence, whatever the number of channels.
    @Test(arguments: [1, 2, 5, 16, 33]) func pointsAloneHaveTheSameBits(channels: Int) {
        var numbers = seededNumbers(17)
        let x = numbers.tensor([2, channels, 21])
        let (weight, bias) = (numbers.tensor([7, 2 * channels]), numbers.tensor([7]))
        let together = Tensor.pointwise([x, x], weight: weight, bias: bias)
        for point in 0..<21 {
            let alone = x.slice(alongAxis: 2, point..<point + 1)
            #expect(
                Tensor.pointwise([alone, alone], weight: weight, bias: bias).scalars
                    == together.slice(alongAxis: 2, point..<point + 1).scalars)
        }
    }

    @Test(arguments: pointwiseCases)
    func pointwiseValues(_ shape: [Int], _ outputs: Int) {
        var numbers = seededNumbers()
        let x = numbers.tensor(shape)
        let weight = numbers.tensor([outputs, shape[1]])
        let bias = numbers.tensor([outputs])
        let (naiveX, naiveWeight, naiveBias) = (NaiveTensor(x), NaiveTensor(weight), NaiveTensor(bias))
        func expected(_ bias: ([Int]) -> Double, of: (Double) -> Double = { $0 }) -> NaiveTensor {
            NaiveTensor(shape: [shape[0], outputs] + shape[2...]) { index in
                (0..<shape[1]).reduce(of(bias([index[1]]))) {
                    $0 + of(naiveWeight[[index[1], $1]] * naiveX[[index[0], $1] + index[2...]])
                }
            }
        }
        // A product and a sum for each channel are rounded, and the bias's sum, by ε / 2 of at most all magnitudes.
        let magnitudes = expected({ naiveBias[$0] }, of: abs)
        let bound = floatEpsilon * Double(shape[1] + 1) * largestMagnitude(magnitudes.scalars)
        for (result, naive) in [
            (x.pointwise(weight: weight, bias: bias), expected { naiveBias[$0] }),
            (x.pointwise(weight: weight), expected { _ in 0 }),
        ] {
            #expect(result.shape == naive.shape)
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
    /// precision. More points than a tile has, a panel that is not full, more channels than one product sums over; a
    /// single point and more samples than a task has.
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
        // The sums of the terms' magnitudes.
        var (ySizes, xSizes, wSizes) = (y, xCotangent, wCotangent)
        for sample in 0..<batch {
            for output in 0..<outputs {
                let row = (sample * outputs + output) * points
                for point in 0..<points {
                    y[row + point] += b[output]
                    ySizes[row + point] += abs(b[output])
                }
                for channel in 0..<all {
                    let source = (sample * all + channel) * points
                    let factor = w[output * all + channel]
                    var (sum, size) = (0.0, 0.0)
                    for point in 0..<points {
                        let terms = (
                            y: factor * x[source + point], x: factor * g[row + point],
                            w: g[row + point] * x[source + point]
                        )
                        y[row + point] += terms.y
                        ySizes[row + point] += abs(terms.y)
                        xCotangent[source + point] += terms.x
                        xSizes[source + point] += abs(terms.x)
                        sum += terms.w
                        size += abs(terms.w)
                    }
                    wCotangent[output * all + channel] += sum
                    wSizes[output * all + channel] += size
                }
            }
        }
        /// On the way of each term lie `roundings`, each by ε / 2 of at most the sum of all magnitudes.
        func expect(_ found: Tensor, _ expected: [Double], sizes: [Double], roundings: Int) {
            let bound = floatEpsilon / 2 * Double(roundings) * largestMagnitude(sizes)
            #expect(largestDifference(found.scalars, expected) <= bound)
        }
        expect(mapped, y, sizes: ySizes, roundings: 2 * (all + 1))
        // Rows with rows: at least four lanes share the terms. Samples as rows: no lanes, and fewer terms.
        let summed = points == 1 ? 2 * batch : 2 * (batch * points / 4) + 16 * batch
        expect(gradient["2"], wCotangent, sizes: wSizes, roundings: summed)
        var bCotangent = [Double](repeating: 0, count: outputs)
        var bSizes = bCotangent
        for (index, value) in g.enumerated() {
            bCotangent[index / points % outputs] += value
            bSizes[index / points % outputs] += abs(value)
        }
        // In double precision, rounded once.
        expect(gradient["3"], bCotangent, sizes: bSizes, roundings: 1)
        var first = 0
        for (index, count) in channels.enumerated() {
            var (expected, sizes): ([Double], [Double]) = ([], [])
            for sample in 0..<batch {
                let start = (sample * all + first) * points
                expected += xCotangent[start..<start + count * points]
                sizes += xSizes[start..<start + count * points]
            }
            expect(gradient[String(index)], expected, sizes: sizes, roundings: 2 * outputs)
            first += count
        }
    }

    /// The map of several inputs, one of them twice, is that of their concatenation.
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
    @Test func repeatedColumns() {
        var numbers = seededNumbers()
        let (once, thrice) = (numbers.tensor([2, 2, 6]), numbers.tensor([2, 3, 6]))
        let weight = numbers.tensor([4, 2 + 3 * 3 + 2])
        let runs = [
            RepeatedColumns(columns: 2), RepeatedColumns(columns: 3, copies: 3), RepeatedColumns(columns: 2),
        ]
        let expected = Tensor.pointwise([once, thrice, thrice, thrice, once], weight: weight)
        let found = Tensor.pointwise([once, thrice, once], weight: weight.summingRepeatedColumns(runs))
        // Each scalar is a sum of 13 products with as many roundings, or fewer.
        let largest = largestScalar(of: [weight]) * largestScalar(of: [once, thrice])
        #expect(
            largestDifference(found.scalars, expected.scalars.map(Double.init))
                <= 2 * floatEpsilon * 13 * 13 * largest)
        #expect(gradientMismatches(of: [weight]) { $0[0].summingRepeatedColumns(runs) } == [])
        #expect(weight.summingRepeatedColumns([RepeatedColumns(columns: 13)]).scalars == weight.scalars)
    }

    private func largestScalar(of tensors: [Tensor]) -> Double {
        Double(tensors.flatMap(\.scalars).map(abs).max()!)
    }

    @Test func wrongShapesTrap() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [2, 4], repeating: 0).summingRepeatedColumns([
                RepeatedColumns(columns: 2, copies: 3)
            ])
        }
        #expect(says("expected a matrix of 6 columns, got the shape [2, 4]", first?.standardErrorContent))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let inputs = [Tensor(shape: [1, 3, 2], repeating: 0), Tensor(shape: [1, 3, 4], repeating: 0)]
            _ = Tensor.pointwise(inputs, weight: Tensor(shape: [2, 6], repeating: 0))
        }
        #expect(
            says(
                "expected shapes [B, C, ...] that differ in C alone, got [[1, 3, 2], [1, 3, 4]]",
                second?.standardErrorContent))
        let third = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 3, 2], repeating: 0).pointwise(weight: Tensor(shape: [2, 4], repeating: 0))
        }
        #expect(
            says(
                "expected shapes [B, C, ...] and [O, C], got [[1, 3, 2]] and [2, 4]",
                third?.standardErrorContent))
    }
}
