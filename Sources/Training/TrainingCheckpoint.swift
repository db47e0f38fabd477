import Foundation
import Tensors
import Terminator

/// A training in a file: one Safetensors file, put in place by one renaming, so that its parts always belong together.
///
/// Tensors stand behind `model.`, `statistics.` and `optimizer.`; the metadata have the rest as JSON.
extension Trainer where Model == Network {
    /// The name under which the file's metadata hold all that is not a tensor.
    static var checkpointKey: String { "training" }

    /// Writes everything that a training with these settings needs to go on. A file that was there before is replaced
    /// as a whole, or stays as it was.
    public func save(to path: String, settings: TrainingSettings) throws(SafetensorsError) {
        var tensors = model.parameters.map { (name: "model.\($0.name)", tensor: $0.tensor) }
        for (name, value) in model.statistics.values.sorted(by: { $0.key < $1.key }) {
            tensors.append((name: "statistics.\(name)", tensor: value))
        }
        var optimizer = optimizer
        optimizer.prepare(for: model)
        optimizer.forEachState { tensors.append((name: "optimizer.\($0)", tensor: $1)) }
        let state = TrainingState(
            settings: settings, randomNumbers: randomNumbers, stepCount: stepCount, epochCount: epochCount,
            currentEpoch: currentEpoch, statisticsBatchCount: model.statistics.batchCount)
        try Safetensors.write(tensors, metadata: [Self.checkpointKey: state.json], to: path)
    }

    /// Goes back to where the trainer was that wrote the file, and from there on does the same to the last bit. Does
    /// nothing if it fails.
    ///
    /// - Throws: `CheckpointError`, also if the file is of a training with other settings.
    public mutating func restore(from path: String, settings: TrainingSettings) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let state = try TrainingState(in: file, key: Self.checkpointKey)
        let question = settings.data.question ?? .classes(count: model.configuration.classCount)
        if let reason = state.refusal(settings: settings, question: question) {
            throw .configuration(path: path, reason: reason)
        }
        var restored = self
        restored.model = try model.withParameters { (name, shape) throws(CheckpointError) in
            try file.take("model.\(name)", shape: shape)
        }
        restored.model.statistics = RunningStatistics()
        if file.file.names.contains(where: { $0.hasPrefix("statistics.") }) {
            var values: [String: Tensor] = [:]
            for (name, shape) in model.statisticsShapes {
                values[name] = try file.take("statistics.\(name)", shape: shape)
            }
            restored.model.statistics = RunningStatistics(
                values: values, batchCount: state.statisticsBatchCount)
        }
        restored.optimizer.prepare(for: restored.model)
        do {
            try restored.optimizer.forEachState { name, tensor in
                tensor = try file.take("optimizer.\(name)", shape: tensor.shape)
            }
        } catch let error as CheckpointError {
            throw error
        } catch {
            fatalError("expected errors of reading a tensor only, got \(error)")
        }
        try file.expectEmpty()
        restored.randomNumbers = state.randomNumbers
        restored.stepCount = state.stepCount
        restored.epochCount = state.epochCount
        restored.currentEpoch = state.currentEpoch
        self = restored
    }
}

/// What a checkpoint holds besides tensors.
private struct TrainingState: Codable {
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
        guard let text = file.file.metadata[key] else {
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

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            // Integers, finite numbers and names.
            fatalError("expected a state that can be encoded, got \(self): \(error)")
        }
    }

    /// Why a training with the given settings cannot go on from here; `nil` if it can.
    func refusal(settings expected: TrainingSettings, question: Question) -> String? {
        if let (name, expected, found) = expected.difference(from: settings) {
            return "the checkpoint is of another training: expected the \(name) \(expected), found \(found)"
        }
        let stepsPerEpoch = settings.stepCountPerEpoch
        let steps = currentEpoch?.stepCount ?? 0
        let isPossible =
            0...settings.epochCount ~= epochCount && 0...stepsPerEpoch ~= steps
            && stepCount == epochCount * stepsPerEpoch + steps && 0...stepCount ~= statisticsBatchCount
            && currentEpoch?.metrics.isPossible(for: question, maximumCount: settings.data.count) ?? true
        return isPossible ? nil : "expected counts of steps and samples that agree, found others"
    }
}

extension Metrics {
    /// Whether metrics from outside can be those of at most `maximumCount` samples.
    fileprivate func isPossible(for question: Question, maximumCount: Int) -> Bool {
        switch (self, question) {
        case (.classification(let metrics), .classes(let count, let positions)):
            metrics.positions == positions && metrics.confusion.count == count
                && metrics.confusion.allSatisfy {
                    $0.count == count
                        && $0.allSatisfy { 0...maximumCount * question.targetsPerSample ~= $0 }
                }
        case (.regression(let metrics), .number): 0...maximumCount ~= metrics.sampleCount
        case (.classification, .number), (.regression, .classes): false
        }
    }
}
