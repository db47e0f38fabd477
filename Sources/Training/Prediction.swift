import Foundation
import Runtime
import Tensors

extension DataSet {
    /// One image, for a network to say its class: its own is unknown and stands as 0.
    public init(_ image: RasterImage, classCount: Int) {
        let pixels = image.width * image.height
        // Channels lie side by side in images, behind each other in samples.
        let bytes = (0..<image.channels).flatMap { channel in
            (0..<pixels).map { image.bytes[$0 * image.channels + channel] }
        }
        self.init(
            sampleShape: [image.channels, image.height, image.width], bytes: bytes, labels: [0],
            classCount: classCount)
    }
}

extension TrainedNetwork {
    /// The probability that the network gives each class, for each of the samples: softmax of the logits.
    ///
    /// - Parameter samples: as the network reads them, with one class each, which is not looked at.
    /// - Throws: ``NonFiniteValueError`` if a logit is not finite.
    public func probabilities(of samples: DataSet) throws(NonFiniteValueError) -> [[Double]] {
        let classCount = samples.classCount
        var probabilities: [[Double]] = []
        for batch in Batches(of: samples, normalization: normalization, batchSize: 128) {
            let logits = network(batch.inputs).logits
            require(
                logits.shape == [batch.count, classCount],
                "expected a network with logits of shape \([batch.count, classCount]), got \(logits.shape)")
            guard logits.isFinite else { throw NonFiniteValueError(quantity: .logits, step: nil) }
            let scalars = logits.scalars.map(Double.init)
            for sample in 0..<batch.count {
                let row = scalars[sample * classCount..<(sample + 1) * classCount]
                let largest = row.max()!
                let powers = row.map { exp($0 - largest) }
                let sum = powers.reduce(0, +)
                probabilities.append(powers.map { $0 / sum })
            }
        }
        return probabilities
    }
}
