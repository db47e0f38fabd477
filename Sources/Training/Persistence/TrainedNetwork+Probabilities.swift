import Foundation
import Runtime
import Tensors

extension DataSet {
    /// One image to classify; its unknown label is 0.
    public init(_ image: RasterImage, classCount: Int) {
        let pixels = image.width * image.height
        // Images have interleaved channels, samples planar ones.
        let bytes = (0..<image.channels).flatMap { channel in
            (0..<pixels).map { image.bytes[$0 * image.channels + channel] }
        }
        self.init(
            sampleShape: [image.channels, image.height, image.width], bytes: bytes, labels: [0],
            classCount: classCount)
    }
}

extension TrainedNetwork {
    /// The predicted probability of each class for each sample: the softmax of the logits.
    ///
    /// - Parameter samples: samples of the network's shape with one class each; their labels are ignored.
    /// - Throws: ``NonFiniteValueError`` if a logit is +infinity or not a number; one of -infinity has the probability 0.
    public func probabilities(of samples: DataSet) throws(NonFiniteValueError) -> [[Double]] {
        let classCount = samples.classCount
        var probabilities: [[Double]] = []
        for batch in Batches(of: samples, normalization: normalization, batchSize: 128) {
            let logits = try network.logits(of: batch)
            require(
                logits.shape == [batch.count, classCount],
                "expected a network with logits of shape \([batch.count, classCount]), got \(logits.shape)")
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
