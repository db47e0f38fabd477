import Foundation
import Tensors
import Training

/// What a network says of each sample of a data set.
struct Predictions {
    /// What a network says of a sample.
    struct Prediction {
        /// The place of the sample in the data set.
        let index: Int
        let label: Int
        let predicted: Int
        /// The probability that the network gives to its prediction.
        let confidence: Double
        /// The cross entropy: the negative logarithm of the label's probability.
        let loss: Double
    }

    /// One for each sample.
    private(set) var all: [Prediction] = []
    private(set) var metrics: ClassificationMetrics

    /// Predictions in evaluation, with the running statistics.
    init(of trained: TrainedNetwork, on data: DataSet) throws {
        metrics = ClassificationMetrics(classCount: data.classCount)
        for batch in Batches(of: data, normalization: trained.normalization, batchSize: evaluationBatchSize) {
            let logits = try trained.network.logits(of: batch)
            let labels = Array(data.labels[all.count..<all.count + batch.count])
            metrics.add(logits: logits, labels: labels)
            let scalars = logits.scalars.map(Double.init)
            for (row, label) in labels.enumerated() {
                let values = scalars[row * data.classCount..<(row + 1) * data.classCount]
                all.append(Prediction(logits: Array(values), label: label, index: all.count))
            }
        }
        try NonFiniteValueError.check(loss: metrics.loss)
    }

    /// The samples that were taken for another class, the largest loss first; equal ones in their own order.
    var mistakes: [Prediction] {
        all.filter { $0.predicted != $0.label }.sorted { ($1.loss, $0.index) < ($0.loss, $1.index) }
    }
}

extension Predictions.Prediction {
    fileprivate init(logits: [Double], label: Int, index: Int) {
        let largest = logits.max()!
        let logarithmOfSum = log(logits.reduce(0) { $0 + exp($1 - largest) })
        self.init(
            index: index, label: label, predicted: logits.firstIndex(of: largest)!,
            confidence: exp(-logarithmOfSum), loss: logarithmOfSum - (logits[label] - largest))
    }
}
