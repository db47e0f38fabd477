import Tensors

extension Classifier {
    /// The logits of a batch in evaluation. Those of masked classes may be -infinity.
    ///
    /// - Throws: ``NonFiniteValueError`` if a logit is +infinity or not a number, or all of a sample or position are masked.
    public func logits(of batch: Batch) throws(NonFiniteValueError) -> Tensor {
        let logits = self(batch.inputs).logits
        try logits.expectSoftmax()
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
    /// Processes evaluate the batches in turn, each whole batches; all of them get the same metrics, and the same errors.
    ///
    /// - Throws: ``NonFiniteValueError`` as ``logits(of:)`` and if the loss is not finite, and what `afterBatch` throws.
    public func evaluated(
        on batches: Batches, over processes: (any Communicator)? = nil, afterBatch: () throws -> Void = {}
    ) throws -> Metrics {
        var metrics = Metrics(of: batches.data.task)
        let processes = processes ?? SingleProcess()
        for first in stride(from: 0, to: batches.batchCount, by: processes.size) {
            processes.setPhase("evaluation of batch \(first + 1)")
            let own = first + processes.rank
            let logits = own < batches.batchCount ? self(batches[own].inputs).logits : nil
            let all = processes.size == 1 ? [logits!] : processes.gather(logits)
            for (offset, logits) in all.enumerated() {
                try logits.expectSoftmax()
                metrics.add(logits: logits, targets: batches.targets(ofBatch: first + offset))
                try afterBatch()
            }
        }
        try NonFiniteValueError.check(loss: metrics.loss)
        return metrics
    }
}

extension Communicator {
    /// The tensors of all processes that have one, in the order of ranks: those of the first ones.
    fileprivate func gather(_ tensor: Tensor?) -> [Tensor] {
        let shapes = gather(tensor?.shape ?? [])
        let scalars = gather(tensor?.scalars ?? [], counts: shapes.map { $0.isEmpty ? 0 : $0.reduce(1, *) })
        return zip(shapes, scalars).filter { !$0.0.isEmpty }.map { Tensor(shape: $0, scalars: $1) }
    }
}

extension Tensor {
    /// Throws if there is no softmax over the classes of logits.
    fileprivate func expectSoftmax() throws(NonFiniteValueError) {
        if !isFinite, let value = valueWithoutSoftmax {
            throw NonFiniteValueError(quantity: .logits, value: value, step: nil)
        }
    }

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
