import Tensors

extension Classifier {
    /// The logits of a batch in evaluation. Those of masked classes may be -infinity.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is +infinity or not a number, or all of a sample or position are masked.
    public func logits(of batch: Batch) throws(NonFiniteValueError) -> Tensor {
        let logits = self(batch.inputs).logits
        guard logits.isFinite || logits.hasSoftmax else {
            throw NonFiniteValueError(quantity: .logits, step: nil)
        }
        return logits
    }

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

extension Tensor {
    /// Whether logits `[B, classes, *S]` have a softmax over the classes everywhere.
    fileprivate var hasSoftmax: Bool {
        let (classes, positions) = (shape[1], shape.dropFirst(2).reduce(1, *))
        return withScalars { scalars in
            (0..<shape[0] * positions).allSatisfy { index in
                let first = index / positions * classes * positions + index % positions
                let row = (0..<classes).lazy.map { scalars[first + $0 * positions] }
                return row.allSatisfy { $0 < .infinity } && row.contains { $0 > -.infinity }
            }
        }
    }
}
