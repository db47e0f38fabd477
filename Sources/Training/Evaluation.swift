import Tensors

extension Classifier {
    /// The metrics of the network over all of `batches`, in evaluation.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is not finite.
    public func evaluated(on batches: Batches) throws(NonFiniteValueError) -> Metrics {
        var metrics = Metrics(classCount: batches.data.classCount)
        for batch in batches {
            let logits = self(batch.inputs).logits
            guard logits.isFinite else { throw NonFiniteValueError(quantity: .logits, step: nil) }
            metrics.add(logits: logits, labels: batch.labels)
        }
        return metrics
    }
}
