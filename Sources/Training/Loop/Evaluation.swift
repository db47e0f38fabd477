import Tensors

extension Classifier {
    /// The metrics of the network over all of `batches`, in evaluation.
    ///
    /// - Throws: ``NonFiniteValueError`` as ``logits(of:)``, and if the loss is not finite.
    public func evaluated(on batches: Batches) throws(NonFiniteValueError) -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        for batch in batches { metrics.add(logits: try logits(of: batch), targets: batch.targets) }
        guard metrics.loss.isFinite else { throw NonFiniteValueError(quantity: .loss, step: nil) }
        return metrics
    }

    /// The metrics of the network over all of `batches`, in evaluation; an error of `afterBatch` ends it.
    ///
    /// - Throws: ``NonFiniteValueError`` as ``logits(of:)`` and if the loss is not finite, and what `afterBatch` throws.
    public func evaluated(on batches: Batches, afterBatch: () throws -> Void) throws -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        for batch in batches {
            metrics.add(logits: try logits(of: batch), targets: batch.targets)
            try afterBatch()
        }
        guard metrics.loss.isFinite else { throw NonFiniteValueError(quantity: .loss, step: nil) }
        return metrics
    }
}
