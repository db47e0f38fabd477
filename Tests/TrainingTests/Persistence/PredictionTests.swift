import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// What a trained network says of single images.
@Suite struct PredictionTests {
    @Test func separatesTheChannelsOfImages() {
        let image = RasterImage(width: 2, height: 1, channels: 3, bytes: [1, 2, 3, 4, 5, 6])
        let sample = DataSet(image, classCount: 7)
        #expect(sample.sampleShape == [3, 1, 2] && sample.bytes == [1, 4, 2, 5, 3, 6])
        #expect(sample.count == 1 && sample.classCount == 7)
    }

    /// Softmax of the logits in double precision, which an image has alone as it has among others.
    @Test func givesProbabilities() throws {
        var numbers = seededNumbers()
        var network = Network(.digits(form: .image), using: &numbers)
        let images = DataSet(
            sampleShape: [1, 8, 8], bytes: (0..<5 * 64).map { _ in UInt8(numbers.next() >> 56) },
            labels: [0, 0, 0, 0, 0], classCount: 10)
        let normalization = Normalization(of: images)
        let batch = Array(Batches(of: images, normalization: normalization, batchSize: 5))[0]
        let observed = network(batch.inputs, dropout: &numbers)
        network.updateStatistics(from: observed)
        let trained = TrainedNetwork(network, normalization: normalization)

        let probabilities = try trained.probabilities(of: images)
        let logits = network(batch.inputs).logits.scalars.map(Double.init)
        for (sample, found) in probabilities.enumerated() {
            let powers = logits[sample * 10..<sample * 10 + 10].map { exp($0) }
            let sum = powers.reduce(0, +)
            // An exponential, its argument's subtraction, ten additions and a division: at most 16 roundings.
            for (found, power) in zip(found, powers) {
                #expect(abs(found - power / sum) <= 16 * .ulpOfOne * found)
            }
            #expect(try trained.probabilities(of: images.subset([sample])) == [found])
        }
    }

    @Test func refusesLogitsThatAreNoNumbers() {
        var numbers = seededNumbers()
        var network = Network(.digits(form: .image), using: &numbers)
        network.classifier.weight = Tensor(shape: network.classifier.weight.shape, repeating: .infinity)
        let trained = TrainedNetwork(network, normalization: Normalization(means: [0], deviations: [1]))
        let image = RasterImage(width: 8, height: 8, channels: 1, bytes: (0..<64).map { UInt8($0) })
        // Whether infinities of both signs meet depends on the random features.
        let error = #expect(throws: NonFiniteValueError.self) {
            try trained.probabilities(of: DataSet(image, classCount: 10))
        }
        #expect(error?.quantity == .logits)
    }

    /// A class whose logit is -infinity has the probability 0; as a label it makes the loss infinite, which is said.
    @Test func masksClasses() throws {
        var numbers = seededNumbers()
        var network = Network(.digits(form: .image), using: &numbers)
        let bias: [Float] = (0..<10).map { $0 == 3 ? -.infinity : 0 }
        network.classifier.bias = Tensor(shape: [10], scalars: bias)
        let images = DataSet(
            sampleShape: [1, 8, 8], bytes: (0..<2 * 64).map { _ in UInt8(numbers.next() >> 56) },
            labels: [0, 3],
            classCount: 10)
        let normalization = Normalization(of: images)
        let batch = Array(Batches(of: images, normalization: normalization, batchSize: 2))[0]
        network.updateStatistics(from: network(batch.inputs, dropout: &numbers))
        let trained = TrainedNetwork(network, normalization: normalization)
        for row in try trained.probabilities(of: images) {
            #expect(row[3] == 0)
            #expect(abs(row.reduce(0, +) - 1) <= 10 * .ulpOfOne)
        }
        func evaluated(_ samples: DataSet) throws -> Metrics {
            try network.evaluated(on: Batches(of: samples, normalization: normalization, batchSize: 2))
        }
        #expect(try evaluated(images.subset([0])).loss.isFinite)
        #expect(throws: NonFiniteValueError(quantity: .loss, value: .infinity, step: nil)) {
            try evaluated(images)
        }
    }
}
