import Foundation
import Tensors
import Terminator

/// The contents of a training's checkpoint besides tensors.
struct TrainingState: Codable {
    let settings: TrainingSettings
    let randomNumbers: RandomNumbers
    let stepCount: Int
    let epochCount: Int
    let currentEpoch: EpochState?
    let statisticsBatchCount: Int

    init(
        settings: TrainingSettings, randomNumbers: RandomNumbers, stepCount: Int, epochCount: Int,
        currentEpoch: EpochState?, statisticsBatchCount: Int
    ) {
        self.settings = settings
        self.randomNumbers = randomNumbers
        self.stepCount = stepCount
        self.epochCount = epochCount
        self.currentEpoch = currentEpoch
        self.statisticsBatchCount = statisticsBatchCount
    }

    /// The state in a file's metadata.
    init(in file: ParameterFile, key: String) throws(CheckpointError) {
        guard let text = file.file.metadata(named: key) else {
            throw .configuration(
                path: file.path,
                reason: "expected the checkpoint of a training, found metadata without '\(key)'")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            throw .configuration(path: file.path, reason: "the '\(key)' in the metadata cannot be decoded")
        }
    }

    var json: String { canonicalJSON(self) }

    /// The reason why a training with the given settings cannot resume from this state; `nil` if it can.
    ///
    /// - Parameter allowsNewSchedule: Whether the number of epochs and the learning rate may be others.
    func refusal(
        settings expected: TrainingSettings, allowsNewSchedule: Bool, task: LearningTask
    ) -> String? {
        var compared = settings
        if allowsNewSchedule {
            (compared.epochCount, compared.schedule) = (expected.epochCount, expected.schedule)
        }
        if let difference = expected.difference(from: compared) {
            return "the checkpoint is of another training: \(difference)"
        }
        let stepsPerEpoch = settings.stepCountPerEpoch
        let steps = currentEpoch?.stepCount ?? 0
        let isPossible =
            0...min(settings.epochCount, 1 << 40) ~= epochCount && 0...stepsPerEpoch ~= steps
            && hasStepsOfItsEpochs(stepsPerEpoch: stepsPerEpoch, steps)
            // A network to start from has seen batches before.
            && statisticsBatchCount >= 0
            && (statisticsBatchCount <= stepCount || settings.normalization != nil)
            && currentEpoch?.isPossible(for: task, settings) ?? true
        guard isPossible else { return "expected counts of steps and samples that agree, found others" }
        // A finished epoch is one of those there are to be, so that no count overflows.
        let begun = currentEpoch == nil ? epochCount : epochCount + 1
        return expected.epochCount >= begun
            ? nil : "expected at least the \(begun) epochs that were begun, found \(expected.epochCount)"
    }

    /// Whether the steps are those of the finished epochs and `steps` more. No count overflows.
    private func hasStepsOfItsEpochs(stepsPerEpoch: Int, _ steps: Int) -> Bool {
        let (finished, isTooMany) = epochCount.multipliedReportingOverflow(by: stepsPerEpoch)
        let (all, overflows) = finished.addingReportingOverflow(steps)
        return !isTooMany && !overflows && stepCount == all
    }
}

extension EpochState {
    /// Whether an epoch from outside has the samples that its steps took, and a duration that clocks can have.
    fileprivate func isPossible(for task: LearningTask, _ settings: TrainingSettings) -> Bool {
        let (count, isMore) = stepCount.multipliedReportingOverflow(by: settings.batchSize)
        let sampleCount = isMore ? settings.data.count : min(count, settings.data.count)
        // A billion seconds are 32 years.
        return metrics.isPossible(for: task, maximumCount: settings.data.count)
            && metrics.sampleCount == sampleCount && 0...1e9 ~= seconds
            // Far above every sum of a billion losses, each a `Float`.
            && meanObjective.magnitude < 1e100 && metrics.loss.magnitude < 1e100
    }
}

extension Metrics {
    /// Whether metrics from outside are consistent with the task and at most `maximumCount` samples.
    fileprivate func isPossible(for task: LearningTask, maximumCount: Int) -> Bool {
        switch (self, task) {
        case (.classification(let metrics), .classes(let count, let positions)):
            metrics.positions == positions && metrics.confusion.count == count
                && metrics.confusion.allSatisfy {
                    $0.count == count
                        && $0.allSatisfy { 0...maximumCount * task.targetsPerSample ~= $0 }
                }
        case (.regression(let metrics), .number): 0...maximumCount ~= metrics.sampleCount
        case (.classification, .number), (.regression, .classes): false
        }
    }
}
