import Tensors

extension Classifier {
    /// The metrics of the network over all of `batches`, in evaluation.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is not finite.
    public func evaluated(on batches: Batches) throws(NonFiniteValueError) -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        for batch in batches { try add(batch, to: &metrics) }
        return metrics
    }

    /// The metrics of the network over all of `batches`, in evaluation; an error of `afterBatch` ends it.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is not finite, and what `afterBatch` throws.
    public func evaluated(on batches: Batches, afterBatch: () throws -> Void) throws -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        for batch in batches {
            try add(batch, to: &metrics)
            try afterBatch()
        }
        return metrics
    }

    private func add(_ batch: Batch, to metrics: inout Metrics) throws(NonFiniteValueError) {
        let logits = self(batch.inputs).logits
        guard logits.isFinite else { throw NonFiniteValueError(quantity: .logits, step: nil) }
        metrics.add(logits: logits, targets: batch.targets)
    }
}
