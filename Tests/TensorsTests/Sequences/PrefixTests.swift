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

    /// For every instruction set of this machine: values, and the pullback as the sum by definition.
    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), [1, 7, 16, 33, 100])
    func loopsOfEveryInstructionSet(_ set: UInt32, _ count: Int) {
        let loops = vl_tensor_loops_for(vl_instruction_set(set)).pointee
        var numbers = seededNumbers(6)
        let (x, g) = (numbers.tensor([count]).scalars, numbers.tensor([count]).scalars)
        let shares = (1...count).map { 1 / Double($0) }
        let zeros = [Double](repeating: 0, count: count)
        var (sums, squares, terms, last, later) = (zeros, zeros, zeros, [0.0, 0], [0.0, 0, 0])
        let (first, epsilon) = (Double(x[0]), Float(0.25))
        var (y, dx) = (x, x)
        loops.prefix_sums(&sums, &squares, x, first, &last, count)
        loops.prefix_standardize(&y, x, sums, squares, shares, first, epsilon, count)
        loops.prefix_standardization_pullback(
            &dx, x, g, &sums, &squares, shares, &terms, first, epsilon, &later, count)

        let moments = Self.moments(NaiveTensor(Tensor(shape: [count], scalars: x)))
        let scales = moments.map { 1 / ($0.variance + Double(epsilon)).squareRoot() }
        let expected = x.indices.map { (Double(x[$0]) - moments[$0].mean) * scales[$0] }
        #expect(largestDifference(y, expected) <= 3 * floatEpsilon * largestMagnitude(expected))
        var (pulled, sizes) = (zeros, zeros)
        for s in 0..<count {
            for t in s..<count {
                let n = Double(t + 1)
                let part = expected[t] * scales[t] * scales[t] * (Double(x[s]) - moments[t].mean) / n
                let terms = [s == t ? scales[t] : 0, -scales[t] / n, -part].map { Double(g[t]) * $0 }
                pulled[s] += terms.reduce(0, +)
                sizes[s] += terms.reduce(0) { $0 + abs($1) }
            }
        }
        // The scale, to the third power in the last term, has three roundings; the result one.
        for s in 0..<count {
            #expect(abs(Double(dx[s]) - pulled[s]) <= 10 * floatEpsilon / 2 * sizes[s])
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
