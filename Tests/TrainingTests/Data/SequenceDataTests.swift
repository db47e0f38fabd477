import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

/// Sequences that are drawn, and how answers to what they ask are counted.
@Suite struct SequenceDataTests {
    @Test(arguments: [2, 3, 50]) func drawsAddingProblems(length: Int) {
        var numbers = seededNumbers()
        let data = DataSet(addingProblem: 200, length: length, using: &numbers)
        #expect(data.sampleShape == [2, length] && data.count == 200 && data.task == .number)
        guard case .floats(let scalars) = data.scalars, case .numbers(let sums) = data.targets else {
            Issue.record("expected numbers, found \(data.scalars) and \(data.targets)")
            return
        }
        var marks: Set<[Int]> = []
        for (sequence, sum) in sums.enumerated() {
            let values = scalars[sequence * 2 * length..<(sequence * 2 + 1) * length]
            let mask = Array(scalars[(sequence * 2 + 1) * length..<(sequence + 1) * 2 * length])
            #expect(values.allSatisfy { 0..<1 ~= $0 } && mask.allSatisfy { $0 == 0 || $0 == 1 })
            let marked = mask.indices.filter { mask[$0] == 1 }
            #expect(marked.count == 2 && marked[0] < length / 2 && marked[1] >= length / 2)
            #expect(marked.reduce(0) { $0 + values[values.startIndex + $1] } == sum)
            marks.insert(marked)
        }
        // All places for marks there are, or of 625 nearly as many as sequences.
        #expect(marks.count == (length / 2) * (length - length / 2) || marks.count > 150)
    }

    /// Two numbers uniform in 0 ..< 1 have the mean 1 and the variance 1/6. Of 20,000 sums the variance is known to
    /// 1/6 · √(1.4 / 20,000), the kurtosis of such sums being 2.4: six of these are 0.009.
    @Test func sumsHaveTheVarianceOfChance() {
        var numbers = seededNumbers()
        let data = DataSet(addingProblem: 20_000, length: 2, using: &numbers)
        var metrics = Metrics(of: data.task)
        metrics.add(logits: Tensor(shape: [20_000, 1], repeating: 1), targets: data.targets)
        #expect(abs(metrics.loss - 1.0 / 6) < 0.009)
    }

    @Test(arguments: [1, 7]) func drawsSequencesToCopy(delay: Int) {
        var numbers = seededNumbers()
        let data = DataSet(copyMemory: 300, delay: delay, using: &numbers)
        let length = delay + 20
        #expect(data.sampleShape == [10, length] && data.count == 300)
        #expect(
            data.task
                == .classes(count: 9, positions: LabeledPositions(count: length, background: 0)))
        var symbols: Set<[Int]> = []
        for sequence in 0..<300 {
            let inputs = (0..<length).map { place in
                let set = (0..<10).filter { data.bytes[(sequence * 10 + $0) * length + place] != 0 }
                #expect(set.count == 1)
                return set[0]
            }
            let labels = Array(data.labels[sequence * length..<(sequence + 1) * length])
            let blanks = Array(repeating: 0, count: delay - 1)
            #expect(inputs.prefix(10).allSatisfy { 1...8 ~= $0 })
            #expect(Array(inputs.dropFirst(10)) == blanks + [9] + Array(repeating: 0, count: 10))
            #expect(labels == Array(repeating: 0, count: delay + 10) + inputs.prefix(10))
            symbols.insert(Array(inputs.prefix(10)))
        }
        #expect(symbols.count == 300)
    }

    // MARK: - Counting

    /// Three positions, two of them background; logits `[1, 2, 3]` stand class by class.
    @Test func countsPositions() {
        var metrics = ClassificationMetrics(
            classCount: 2, positions: LabeledPositions(count: 3, background: 0))
        // Classes by position: 0 and 1 and 1; then 1 and 1 and 0.
        metrics.add(logits: Tensor(shape: [1, 2, 3], scalars: [2, 0, 0, 0, 3, 1]), labels: [0, 0, 1])
        metrics.add(logits: Tensor(shape: [1, 2, 3], scalars: [0, 0, 1, 1, 1, 0]), labels: [1, 0, 1])
        #expect(metrics.confusion == [[1, 2], [1, 2]])
        #expect(metrics.count == 6 && metrics.sampleCount == 2 && metrics.accuracy == 2.0 / 3)
        // By difference between the label's logit and the other: 2, -3, 1, 1, -1, -1.
        let differences: [Double] = [2, -3, 1, 1, -1, -1]
        let expected = differences.reduce(0.0) { $0 + log1p(exp(0 - $1)) } / 6
        // In double precision: a logarithm's and an exponential's rounding for each term of at most 3.1, and six of
        // sums of at most 8, in each of the two means.
        #expect(abs(metrics.loss - expected) <= 2 * (2 * 3.1 + 8) * .ulpOfOne)
    }

    @Test func countsSquares() throws {
        var metrics = Metrics(of: .number)
        metrics.add(logits: Tensor(shape: [2, 1], scalars: [1, 2]), targets: .numbers([0, 4]))
        metrics.add(logits: Tensor(shape: [1, 1], scalars: [3]), targets: .numbers([3]))
        #expect(metrics.loss == 5.0 / 3 && metrics.sampleCount == 3 && metrics.accuracy == nil)
        let read = try JSONDecoder().decode(Metrics.self, from: JSONEncoder().encode(metrics))
        #expect(read == metrics)
    }

    @Test func minimizesTheSquaredError() {
        let outputs = Tensor(shape: [2, 1], scalars: [1, 2])
        #expect(outputs.meanSquaredError(numbers: [0, 4]).scalar == 2.5)
        #expect(gradientMismatches(of: [outputs]) { $0[0].meanSquaredError(numbers: [0, 4]) } == [])
    }

    // MARK: - Batches of numbers

    @Test func normalizesNumbers() {
        let data = DataSet(
            sampleShape: [2, 2], scalars: .floats([1, 3, 5, 5, -1, 1, 5, 5]), task: .number,
            targets: .numbers([10, 20]))
        let normalization = Normalization(of: data)
        #expect(normalization.means == [1, 5])
        // The variance of 1, 3, -1, 1 is 2; a channel that never changes has the deviation 1.
        #expect(normalization.deviations == [Float(2.0.squareRoot()), 1])
        let batch = Array(Batches(of: data, normalization: normalization, batchSize: 1, order: [1]))[0]
        let root = Float(2.0.squareRoot())
        #expect(batch.inputs.scalars == [-2 / root, 0, 0, 0])
        #expect(batch.targets == .numbers([20]))
        #expect(data.subset([1]).scalars == .floats([-1, 1, 5, 5]) && data.subset([1]).count == 1)
    }

    @Test func subsetsKeepThePositionsOfASample() {
        let data = DataSet(
            sampleShape: [1, 2], scalars: .bytes([1, 2, 3, 4]),
            task: .classes(count: 4, positions: LabeledPositions(count: 2)),
            targets: .labels([0, 1, 2, 3]))
        #expect(data.count == 2 && data.subset([1, 0]).targets == .labels([2, 3, 0, 1]))
        let batches = Batches(
            of: data, normalization: Normalization(means: [0], deviations: [1]), batchSize: 2, order: [1])
        #expect(batches.map(\.targets) == [.labels([2, 3])])
    }

    @Test func trapsWhereAnswersDoNotFit() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DataSet(
                sampleShape: [1, 2], scalars: .floats([1, 2]), task: .number, targets: .labels([0]))
        }
        #expect(
            says(
                "expected labels for classes or numbers for a number, got the other",
                first?.standardErrorContent))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DataSet(
                sampleShape: [1, 2], scalars: .bytes([1, 2]),
                task: .classes(count: 2, positions: LabeledPositions(count: 3)),
                targets: .labels([0, 0, 0]))
        }
        #expect(says("expected 2 positions, got 3", second?.standardErrorContent))
    }
}
