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
    /// Passes over `data` `epochCount` times, in a new random order each time.
    ///
    /// - Parameters:
    ///   - data: what to train on.
    ///   - epochCount: the number of passes, at least 0.
    ///   - plan: how batches are made.
    ///   - validation: what to measure the network on after each pass.
    ///   - progress: shows how far it is.
    ///   - afterEpoch: is called after each pass, and may save the model; it answers the path of the file if it did.
    /// - Throws: ``NonFiniteValueError``, with the file that was saved last, and what `afterEpoch` throws.
    @discardableResult
    public mutating func train(
        on data: DataSet, epochCount: Int, plan: BatchPlan, validation: DataSet? = nil,
        progress: inout ProgressDisplay, afterEpoch: (Self, EpochRecord) throws -> String? = { _, _ in nil }
    ) throws -> [EpochRecord] {
        var records: [EpochRecord] = []
        var savedFile: String?
        progress.begin(epochCount: epochCount, stepCountPerEpoch: plan.stepCount(for: data))
        // Where something is thrown in the midst of an epoch, its bar still stands.
        defer { progress.interrupt() }
        for epoch in 0..<epochCount {
            let record: EpochRecord
            do throws(NonFiniteValueError) {
                record = try trainOnce(
                    on: data, epoch: epoch + 1, plan: plan, validation: validation, progress: &progress)
            } catch {
                throw error.saved(in: savedFile)
            }
            progress.show(record)
            savedFile = try afterEpoch(self, record) ?? savedFile
            records.append(record)
        }
        return records
    }

    private mutating func trainOnce(
        on data: DataSet, epoch: Int, plan: BatchPlan, validation: DataSet?, progress: inout ProgressDisplay
    ) throws(NonFiniteValueError) -> EpochRecord {
        var metrics = Metrics(classCount: data.classCount)
        var lossSum = 0.0
        let clock = ContinuousClock()
        let start = clock.now
        let batches = Batches(
            shuffling: data, normalization: plan.normalization, batchSize: plan.trainingSize,
            using: &randomNumbers)
        for batch in batches {
            let (loss, logits) = try step(on: batch)
            lossSum += Double(loss) * Double(batch.count)
            metrics.add(logits: logits, labels: batch.labels)
            progress.showStep(
                epoch: epoch, loss: lossSum / Double(metrics.count), sampleCount: metrics.count,
                seconds: (clock.now - start).seconds)
        }
        let seconds = (clock.now - start).seconds
        var validationMetrics: Metrics?
        if let validation {
            validationMetrics = try model.evaluated(on: plan.evaluationBatches(of: validation))
        }
        return EpochRecord(
            epoch: epoch, sampleCount: data.count, objective: lossSum / Double(data.count), training: metrics,
            validation: validationMetrics, seconds: seconds)
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { self / .seconds(1) }
}
