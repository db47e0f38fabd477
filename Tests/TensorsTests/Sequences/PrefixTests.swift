import CVectorLoops
import Tensors
import TestSupport
import Testing

struct PrefixTests {
    static let shapes = [[7], [1], [2, 3, 1], [2, 3, 16], [3, 2, 300], [0, 4], [2, 0]]

    /// Means and deviations of each prefix by their definitions.
    private static func moments(_ x: NaiveTensor) -> [(mean: Double, variance: Double)] {
        let length = x.shape.last!
        return x.scalars.indices.map { index in
            let prefix = x.scalars[(index - index % length)...index]
            let mean = prefix.reduce(0, +) / Double(prefix.count)
            return (mean, prefix.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(prefix.count))
        }
    }

    /// Sums are exact to double precision, so a mean is rounded once. The variance keeps 53 bits less those of 1 + n and of
    /// n for the sums' errors, at most 18 here: no digit of a `Float`. A standardized sample has five roundings of at most
    /// ε / 2: of variance and ε, of which the root halves the errors, of the root, its quotient, the difference and the
    /// product.
    @Test(arguments: shapes, [Float(0), 100])
    func valuesAreThoseOfTheDefinition(_ shape: [Int], offset: Float) {
        var numbers = seededNumbers()
        let x = (numbers.tensor(shape) + offset).detached
        let moments = Self.moments(NaiveTensor(x))
        let means = x.prefixMeans()
        #expect(means.shape == shape)
        #expect(
            largestDifference(means.scalars, moments.map(\.mean))
                <= floatEpsilon * largestMagnitude(moments.map(\.mean)))
        let standardized = zip(x.scalars, moments).map { x, moments in
            (Double(x) - moments.mean) / (moments.variance + Double(Float(1e-5))).squareRoot()
        }
        #expect(
            largestDifference(x.prefixStandardized().scalars, standardized)
                <= 3 * floatEpsilon * largestMagnitude(standardized))
    }

    /// Whatever the constant: the mean is exact, the standardized row 0.
    @Test(arguments: [Float(0.1), -3e7, 1e-30]) func ofConstants(constant: Float) {
        let x = Tensor(shape: [2, 1000], repeating: constant)
        #expect(x.prefixMeans().scalars == x.scalars)
        #expect(x.prefixStandardized().scalars.allSatisfy { $0 == 0 })
    }

    /// The first sample as an outlier is the worst case of the sums: a variance of 1 + 10¹⁴ / n beside (10⁷)².
    @Test func anOutlierAtTheBeginningTakesNoDigits() {
        var numbers = seededNumbers(2)
        let x = Tensor.concatenated(
            [Tensor(shape: [1], repeating: 1e7), numbers.tensor([4095])], alongAxis: 0)
        let expected = zip(x.scalars, Self.moments(NaiveTensor(x))).map {
            (Double($0) - $1.mean) / ($1.variance + Double(Float(1e-5))).squareRoot()
        }
        #expect(
            largestDifference(x.prefixStandardized().scalars, expected)
                <= 3 * floatEpsilon * largestMagnitude(expected))
    }

    /// The derivative of a standardization over few samples is large: hence the larger ε and the smaller step.
    @Test(arguments: [[7], [1], [2, 3, 16], [2, 40]])
    func gradientsAreThoseOfFiniteDifferences(_ shape: [Int]) {
        var numbers = seededNumbers(3)
        let x = numbers.tensor(shape)
        #expect(gradientMismatches(of: [x]) { $0[0].prefixMeans() } == [])
        // Beside the differences, which say nothing of one sample: it is standardized to 0.
        guard shape != [1] else { return }
        #expect(
            gradientMismatches(of: [x], step: 0x1p-7) { $0[0].prefixStandardized(epsilon: 0.5) } == [])
    }

    /// A stream has the bits of a whole row however it is cut.
    @Test(arguments: [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 7], [0, 3, 0, 9], [12]])
    func streamsContinue(_ pieces: [Int]) {
        var numbers = seededNumbers(4)
        let x = numbers.tensor([2, 3, 12])
        var (ofMeans, ofStandardized) = (PrefixMoments(rows: 6), PrefixMoments(rows: 6))
        var means: [Tensor] = []
        var standardized: [Tensor] = []
        var start = 0
        for count in pieces {
            let piece = x.slice(alongAxis: 2, start..<start + count)
            means.append(piece.prefixMeans(continuing: &ofMeans))
            standardized.append(piece.prefixStandardized(continuing: &ofStandardized))
            start += count
        }
        #expect(ofMeans == ofStandardized && ofMeans.count == 12)
        #expect(Tensor.concatenated(means, alongAxis: 2).scalars == x.prefixMeans().scalars)
        #expect(Tensor.concatenated(standardized, alongAxis: 2).scalars == x.prefixStandardized().scalars)
    }

    /// What is no number spoils its row from there on, and nothing else.
    @Test(arguments: [Float.nan, .infinity]) func spoilsItsRowAlone(scalar: Float) {
        var numbers = seededNumbers(5)
        let clean = numbers.tensor([3, 8])
        var spoiled = clean
        spoiled.updateScalars { $0[8 + 4] = scalar }
        for (before, after) in [
            (clean.prefixMeans(), spoiled.prefixMeans()),
            (clean.prefixStandardized(), spoiled.prefixStandardized()),
        ] {
            for index in 0..<24 {
                if (12..<16).contains(index) {
                    #expect(!after.scalars[index].isFinite)
                } else {
                    #expect(after.scalars[index] == before.scalars[index])
                }
            }
        }
    }

    /// The means, the standardized rows and both pullbacks of rows that lie `stride` apart, by one call of each loop.
    private static func loops(
        _ loops: vl_tensor_loops, _ x: [Float], _ g: [Float], rows: Int, stride: Int, count: Int,
        epsilon: Float
    ) -> [[Float]] {
        let shares = (1...count).map { 1 / Double($0) }
        let moments: [Double] = (0..<rows).flatMap { [Double(x[$0 * stride]), 0, 0] }
        var (ofMeans, ofStandardized) = (moments, moments)
        var results = Array(repeating: [Float](repeating: .nan, count: x.count), count: 4)
        var sums = [Double](
            repeating: .nan, count: 2 * Int(vl_prefix_rows) * (count / Int(vl_prefix_tile) + 1))
        loops.prefix_means(&results[0], x, stride, rows, &ofMeans, shares, count)
        loops.prefix_standardize(&results[1], x, stride, rows, &ofStandardized, shares, epsilon, count)
        loops.prefix_means_pullback(&results[2], g, stride, rows, shares, count)
        loops.prefix_standardization_pullback(
            &results[3], x, g, stride, rows, shares, &sums, epsilon, count)
        #expect(ofMeans == ofStandardized)
        return results
    }

    /// For every instruction set of this machine: values, and the pullback as the sum by definition. A row has the same bits
    /// beside any others, and nothing is written between the rows.
    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), [1, 7, 16, 33, 64, 65, 200])
    func loopsOfEveryInstructionSet(_ set: UInt32, _ count: Int) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        let (lanes, stride, epsilon) = (Int(vl_prefix_rows), count + 3, Float(0.25))
        var numbers = seededNumbers(6)
        let (x, g) = (
            numbers.tensor([lanes * stride]).scalars, numbers.tensor([lanes * stride]).scalars
        )
        let together = Self.loops(loops, x, g, rows: lanes, stride: stride, count: count, epsilon: epsilon)
        for row in 0..<lanes {
            let range = row * stride..<row * stride + count
            let alone = Self.loops(
                loops, Array(x[range]), Array(g[range]), rows: 1, stride: count, count: count,
                epsilon: epsilon)
            for (together, alone) in zip(together, alone) {
                #expect(Array(together[range]) == alone)
                let between = together[range.upperBound..<(row + 1) * stride]
                #expect(between.allSatisfy { $0.isNaN })
            }
            expectDefinitions(alone, Array(x[range]), Array(g[range]), epsilon: epsilon)
        }
        for rows in 1..<lanes {
            let fewer = Self.loops(loops, x, g, rows: rows, stride: stride, count: count, epsilon: epsilon)
            for (together, fewer) in zip(together, fewer) {
                for row in 0..<lanes {
                    let range = row * stride..<row * stride + count
                    let isWritten = fewer[range].contains { !$0.isNaN }
                    #expect(isWritten == (row < rows))
                    #expect(!isWritten || fewer[range] == together[range])
                }
            }
        }
    }

    private func expectDefinitions(_ results: [[Float]], _ x: [Float], _ g: [Float], epsilon: Float) {
        let count = x.count
        let moments = Self.moments(NaiveTensor(Tensor(shape: [count], scalars: x)))
        let means = moments.map(\.mean)
        #expect(largestDifference(results[0], means) <= floatEpsilon * largestMagnitude(means))
        let scales = moments.map { 1 / ($0.variance + Double(epsilon)).squareRoot() }
        let expected = x.indices.map { (Double(x[$0]) - moments[$0].mean) * scales[$0] }
        #expect(largestDifference(results[1], expected) <= 3 * floatEpsilon * largestMagnitude(expected))
        for s in 0..<count {
            var (ofMean, meanSizes, pulled, sizes) = (0.0, 0.0, 0.0, 0.0)
            for t in s..<count {
                let n = Double(t + 1)
                ofMean += Double(g[t]) / n
                meanSizes += abs(Double(g[t]) / n)
                let part = expected[t] * scales[t] * scales[t] * (Double(x[s]) - moments[t].mean) / n
                let terms = [s == t ? scales[t] : 0, -scales[t] / n, -part].map { Double(g[t]) * $0 }
                pulled += terms.reduce(0, +)
                sizes += terms.reduce(0) { $0 + abs($1) }
            }
            #expect(abs(Double(results[2][s]) - ofMean) <= floatEpsilon * meanSizes)
            // The scale, to the third power in the last term, has three roundings; the result one.
            #expect(abs(Double(results[3][s]) - pulled) <= 10 * floatEpsilon / 2 * sizes)
        }
    }

    @Test func wrongMomentsTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var moments = PrefixMoments(rows: 2)
            _ = Tensor(shape: [3, 4], repeating: 0).prefixMeans(continuing: &moments)
        }
        #expect(says("expected the moments of 3 rows, got those of 2", result?.standardErrorContent))
    }
}
