import Tensors
import TestSupport
import Testing

@testable import Training

@Suite struct BatchTests {
    /// Seven samples of two channels; each byte is 10 · sample + position.
    let data = DataSet(
        sampleShape: [2, 3], bytes: (0..<42).map { UInt8($0 / 6 * 10 + $0 % 6) },
        labels: [0, 1, 2, 3, 4, 5, 6],
        classCount: 7)
    let identity = Normalization(means: [0, 0], deviations: [1, 1])

    func labels(of batch: Batch) -> [Int] {
        guard case .labels(let labels) = batch.targets else { return [] }
        return labels
    }

    @Test func keepsTheLastPartialBatch() {
        let batches = Array(Batches(of: data, normalization: identity, batchSize: 3))
        #expect(batches.map(\.inputs.shape) == [[3, 2, 3], [3, 2, 3], [1, 2, 3]])
        #expect(batches.map(\.targets) == [.labels([0, 1, 2]), .labels([3, 4, 5]), .labels([6])])
        #expect(Batches(of: data, normalization: identity, batchSize: 3).batchCount == 3)
    }

    @Test(arguments: [1, 7, 100, .max]) func takesAnySize(batchSize: Int) {
        let batches = Batches(of: data, normalization: identity, batchSize: batchSize)
        #expect(Array(batches).count == batches.batchCount)
        #expect(batches.flatMap(labels) == data.labels)
    }

    @Test func givesNoBatchOfNoSamples() {
        let none = data.subset([])
        #expect(Array(Batches(of: none, normalization: identity, batchSize: 2)).isEmpty)
    }

    /// The constants are chosen so that the arithmetic is exact.
    @Test func normalizesEachChannelWithItsConstants() {
        let data = DataSet(sampleShape: [2, 2], bytes: [0, 255, 0, 255], labels: [0], classCount: 1)
        let normalization = Normalization(means: [0.5, 0.25], deviations: [0.5, 0.25])
        let batch = Array(Batches(of: data, normalization: normalization, batchSize: 1))[0]
        #expect(batch.inputs.scalars == [-1, 1, -1, 3])
    }

    @Test func shufflesEverySampleOnceByTheSeed() {
        func order(seed: UInt64) -> [Int] {
            var randomNumbers = RandomNumbers(seed: seed)
            let batches = Batches(
                shuffling: data, normalization: identity, batchSize: 2, using: &randomNumbers)
            // The inputs stay with their labels: a sample's first byte is ten times its label.
            for batch in batches {
                for (sample, label) in labels(of: batch).enumerated() {
                    #expect(batch.inputs.scalars[6 * sample] == Float(10 * label) / 255)
                }
            }
            return batches.flatMap(labels)
        }
        let orders = (0..<20).map { order(seed: $0) }
        for order in orders { #expect(order.sorted() == data.labels) }
        // Of 7! = 5040 orders, twenty draws are nearly all different.
        #expect(Set(orders).count >= 18)
        #expect(order(seed: 3) == orders[3])
    }

    /// Constants computed of the data make them zero mean and unit deviation, to rounding.
    @Test func computesConstantsOfTheData() {
        let normalization = Normalization(of: data)
        let batch = Array(Batches(of: data, normalization: normalization, batchSize: 7))[0]
        let scalars = batch.inputs.scalars.map(Double.init)
        for channel in 0..<2 {
            let values = scalars.indices.filter { $0 / 3 % 2 == channel }.map { scalars[$0] }
            let mean = values.reduce(0, +) / 21
            let variance = values.reduce(0) { $0 + $1 * $1 } / 21 - mean * mean
            // A scalar is (b/255 - m) / d with b <= 65, m = 0.12 and d = 0.08, at most 1.8 in size. In halves of ε:
            // b/255 has one rounding of 0.26 / d = 3.3, m one of 1.6, the difference, d and the quotient one of 1.8
            // each. The mean moves by no more than a scalar, the variance by at most twice the deviation 1 times as
            // much.
            let error = (3.3 + 1.6 + 3 * 1.8) * floatEpsilon / 2
            #expect(abs(mean) <= error && abs(variance - 1) <= 2 * error)
        }
        let constant = DataSet(sampleShape: [1, 2], bytes: [51, 51], labels: [0], classCount: 1)
        #expect(Normalization(of: constant) == Normalization(means: [0.2], deviations: [1]))
    }

    @Test func shiftsSamplesAndRepeatsTheEdges() {
        let image = Tensor(shape: [1, 1, 2, 3], scalars: [1, 2, 3, 4, 5, 6])
        // Rows and columns by -1, 0 or 1; every one of the nine results must appear, and no other.
        let rows: [[[Float]]] = [
            [[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [4, 5, 6]], [[4, 5, 6], [4, 5, 6]],
        ]
        let expected = Set(
            rows.flatMap { rows in
                [[0, 0, 1], [0, 1, 2], [1, 2, 2]].map { columns in
                    rows.flatMap { row in columns.map { row[$0] } }
                }
            })
        var randomNumbers = RandomNumbers(seed: 5)
        var found: Set<[Float]> = []
        for _ in 0..<200 {
            var batch = Batch(inputs: image, targets: .labels([0]))
            batch.shiftSpatially(upTo: 1, using: &randomNumbers)
            found.insert(batch.inputs.scalars)
        }
        #expect(found == expected)
    }

    /// Each sample as it is or mirrored in all rows and channels, both about as often, labels and places alike.
    @Test func mirrorsHalfOfTheSamples() {
        let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        let mirrored: [Float] = [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]
        var batch = Batch(
            inputs: Tensor(shape: [400, 2, 2, 3], scalars: (0..<400).flatMap { _ in image }),
            targets: .labels(Array(repeating: 0, count: 400)))
        var randomNumbers = RandomNumbers(seed: 2)
        batch.mirrorAtRandom(using: &randomNumbers)
        var count = 0
        for sample in 0..<400 {
            let found = Array(batch.inputs.scalars[sample * 12..<(sample + 1) * 12])
            #expect(found == image || found == mirrored)
            if found == mirrored { count += 1 }
        }
        // 200, with a deviation of 10: six of them are one in five hundred million.
        #expect(140...260 ~= count, "\(count) of 400 are mirrored, seed 2")
    }

    /// Each position with its probability, in all channels at once; the others stay.
    @Test func erasesPositions() {
        let sample = (1...12).map { Float($0) }
        var batch = Batch(
            inputs: Tensor(shape: [500, 2, 2, 3], scalars: (0..<500).flatMap { _ in sample }),
            targets: .labels(Array(repeating: 0, count: 500)))
        var randomNumbers = RandomNumbers(seed: 3)
        batch.eraseAtRandom(0.25, using: &randomNumbers)
        var counts = [Int](repeating: 0, count: 6)
        for index in 0..<500 {
            let found = Array(batch.inputs.scalars[index * 12..<(index + 1) * 12])
            for place in 0..<6 {
                let pair = [found[place], found[6 + place]]
                #expect(pair == [sample[place], sample[6 + place]] || pair == [0, 0])
                if pair[0] == 0 { counts[place] += 1 }
            }
        }
        // 125, with a deviation below 10: six of them are one in five hundred million.
        #expect(counts.allSatisfy { 65...185 ~= $0 }, "\(counts) of 500 are erased, seed 3")
    }
}
