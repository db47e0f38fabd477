import Tensors

extension Trainer {
    /// Trains on `data`, shuffled anew in each epoch, until `epochCount` epochs are finished in all.
    ///
    /// A trainer that was restored within an epoch resumes there and ends with the same bits as one that was never
    /// interrupted.
    ///
    /// - Parameters:
    ///   - data: the training data.
    ///   - epochCount: the number of epochs, at least 0, including finished ones.
    ///   - plan: the normalization and batch sizes.
    ///   - validation: the data for the metrics after each epoch.
    ///   - progress: the display of the progress.
    ///   - afterEpoch: a closure called after each epoch, which may save the model and then returns the file's path.
    ///   - afterStep: a closure called after each step and each validation batch, which may save the trainer; an error
    ///     ends the training.
    ///   - isOver: a closure called before each epoch, which returns true to end the training there.
    /// - Returns: The results of the epochs that finished in this call.
    /// - Throws: ``NonFiniteValueError``, with the file that was saved last, and what `afterStep` and `afterEpoch`
    ///   throw.
    @discardableResult
    public mutating func train(
        on data: DataSet, epochCount: Int, plan: BatchPlan, validation: DataSet? = nil,
        progress: inout ProgressDisplay,
        afterEpoch: (Self, EpochRecord) throws -> String? = { _, _ in nil },
        afterStep: (Self) throws -> Void = { _ in },
        isOver: (Self) -> Bool = { _ in false }
    ) throws -> [EpochRecord] {
        var records: [EpochRecord] = []
        var savedFile: String?
        progress.begin(epochCount: epochCount, stepCountPerEpoch: plan.stepCount(for: data))
        // An error within an epoch leaves its bar unfinished.
        defer { progress.interrupt() }
        while self.epochCount < epochCount, !isOver(self) {
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
        var state = currentEpoch ?? EpochState(shuffling: randomNumbers, task: data.task)
        let batches = batches(of: data, plan: plan, in: state)
        let clock = ContinuousClock()
        let start = clock.now - .seconds(state.seconds)
        for batch in batches {
            plan.processes?.setPhase("step \(stepCount + 1)")
            readSampleCount += batch.count
            let (objective, logits) = try step(on: batch)
            state.add(
                objective: objective, logits: logits, targets: batch.wholeTargets,
                seconds: (clock.now - start).seconds)
            currentEpoch = state
            progress.showStep(epoch: epochCount + 1, state)
            try afterStep(self)
        }
        var validationMetrics: Metrics?
        if let validation {
            validationMetrics = try model.evaluated(
                on: plan.evaluationBatches(of: validation), over: plan.processes
            ) {
                try afterStep(self)
            }
        }
        currentEpoch = nil
        epochCount += 1
        return EpochRecord(
            epoch: epochCount, sampleCount: data.count, objective: state.meanObjective,
            training: state.metrics,
            validation: validationMetrics, seconds: state.seconds)
    }

    /// The remaining batches of an epoch, whose order is drawn at its start.
    private mutating func batches(of data: DataSet, plan: BatchPlan, in state: EpochState) -> Batches {
        var shuffling = state.shuffling
        let order = shuffling.permutation(of: data.count)
        if state.stepCount == 0 { randomNumbers = shuffling }
        return Batches(
            of: data, normalization: plan.normalization, batchSize: plan.trainingSize,
            order: Array(order.dropFirst(state.stepCount * plan.trainingSize)), over: plan.processes)
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { self / .seconds(1) }
}
