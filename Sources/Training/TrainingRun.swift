import Tensors

/// What came of one pass over the training data.
public struct EpochRecord: Sendable {
    /// The number of the pass, from 1.
    public let epoch: Int
    /// The number of samples it trained on.
    public let sampleCount: Int
    /// The mean of the loss that was minimized.
    public let objective: Double
    /// How the network did on each batch before it was trained on it.
    public let training: Metrics
    /// How the network does on the validation data after the pass, if there are any.
    public let validation: Metrics?
    /// How long the training took, without validation.
    public let seconds: Double
}

extension Trainer {
    /// Passes over `data`, in a new random order each time, until there were `epochCount` passes in all.
    ///
    /// A trainer that was restored in the midst of a pass goes on there, and ends with the same bits as one that was
    /// never interrupted.
    ///
    /// - Parameters:
    ///   - data: what to train on.
    ///   - epochCount: the number of passes, at least 0, those before included.
    ///   - plan: how batches are made.
    ///   - validation: what to measure the network on after each pass.
    ///   - progress: shows how far it is.
    ///   - afterEpoch: is called after each pass, and may save the model; it answers the path of the file if it did.
    ///   - afterStep: is called after each step and each batch of validation, and may save the trainer; what it throws
    ///     ends the training.
    /// - Returns: What came of the passes that ended here.
    /// - Throws: ``NonFiniteValueError``, with the file that was saved last, and what `afterStep` and `afterEpoch`
    ///   throw.
    @discardableResult
    public mutating func train(
        on data: DataSet, epochCount: Int, plan: BatchPlan, validation: DataSet? = nil,
        progress: inout ProgressDisplay,
        afterEpoch: (Self, EpochRecord) throws -> String? = { _, _ in nil },
        afterStep: (Self) throws -> Void = { _ in }
    ) throws -> [EpochRecord] {
        var records: [EpochRecord] = []
        var savedFile: String?
        progress.begin(epochCount: epochCount, stepCountPerEpoch: plan.stepCount(for: data))
        // Where something is thrown in the midst of an epoch, its bar still stands.
        defer { progress.interrupt() }
        while self.epochCount < epochCount {
            let record: EpochRecord
            do {
                record = try trainOnce(
                    on: data, plan: plan, validation: validation, progress: &progress, afterStep: afterStep)
            } catch let error as NonFiniteValueError {
                throw error.saved(in: savedFile)
            }
            progress.show(record)
            savedFile = try afterEpoch(self, record) ?? savedFile
            records.append(record)
        }
        return records
    }

    private mutating func trainOnce(
        on data: DataSet, plan: BatchPlan, validation: DataSet?, progress: inout ProgressDisplay,
        afterStep: (Self) throws -> Void
    ) throws -> EpochRecord {
        var state = currentEpoch ?? EpochState(shuffling: randomNumbers, question: data.question)
        let batches = batches(of: data, plan: plan, in: state)
        let clock = ContinuousClock()
        let start = clock.now - .seconds(state.seconds)
        for batch in batches {
            let (loss, logits) = try step(on: batch)
            state.add(
                loss: loss, logits: logits, targets: batch.targets, seconds: (clock.now - start).seconds)
            currentEpoch = state
            progress.showStep(epoch: epochCount + 1, state)
            try afterStep(self)
        }
        var validationMetrics: Metrics?
        if let validation {
            validationMetrics = try model.evaluated(on: plan.evaluationBatches(of: validation)) {
                try afterStep(self)
            }
        }
        currentEpoch = nil
        epochCount += 1
        return EpochRecord(
            epoch: epochCount, sampleCount: data.count, objective: state.meanLoss, training: state.metrics,
            validation: validationMetrics, seconds: state.seconds)
    }

    /// The batches that a pass has still to come. Its order is drawn once, where it begins.
    private mutating func batches(of data: DataSet, plan: BatchPlan, in state: EpochState) -> Batches {
        var shuffling = state.shuffling
        let order = shuffling.permutation(of: data.count)
        if state.stepCount == 0 { randomNumbers = shuffling }
        return Batches(
            of: data, normalization: plan.normalization, batchSize: plan.trainingSize,
            order: Array(order.dropFirst(state.stepCount * plan.trainingSize)))
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { self / .seconds(1) }
}
