import Tensors

extension Classifier {
    /// The logits of a batch in evaluation. Those of masked classes may be -infinity.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is +infinity or not a number, or all of a sample or position are masked.
    public func logits(of batch: Batch) throws(NonFiniteValueError) -> Tensor {
        let logits = self(batch.inputs).logits
        if !logits.isFinite, let value = logits.valueWithoutSoftmax {
            throw NonFiniteValueError(quantity: .logits, value: value, step: nil)
        }
        return logits
    }

    /// The metrics of the network over all of `batches`, in evaluation.
    ///
    /// - Throws: ``NonFiniteValueError`` as ``logits(of:)``, and if the loss is not finite.
    public func evaluated(on batches: Batches) throws(NonFiniteValueError) -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        for batch in batches { metrics.add(logits: try logits(of: batch), targets: batch.targets) }
        try NonFiniteValueError.check(loss: metrics.loss)
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
        try NonFiniteValueError.check(loss: metrics.loss)
        return metrics
    }
}

extension Tensor {
    /// The first value of logits `[B, classes, *S]` for which there is no softmax over the classes: +infinity, NaN, or
    /// -infinity where all of a sample or position are.
    fileprivate var valueWithoutSoftmax: NonFiniteValueError.Value? {
        let (classes, positions) = (shape[1], shape.dropFirst(2).reduce(1, *))
        return withScalars { scalars in
            for index in 0..<shape[0] * positions {
                let first = index / positions * classes * positions + index % positions
                let row = (0..<classes).lazy.map { scalars[first + $0 * positions] }
                if let value = row.first(where: { !($0 < .infinity) }) {
                    return NonFiniteValueError.Value(of: value)
                }
                if row.allSatisfy({ $0 == -.infinity }) { return .negativeInfinity }
            }
            return nil
        }
    }
}
