import Tensors
import Terminator

/// A training's checkpoint: one Safetensors file, replaced atomically, so that its parts always belong together.
///
/// Tensors have the prefixes `model.`, `statistics.` and `optimizer.`; the metadata hold the rest as JSON.
extension Trainer where Model == Network {
    /// The metadata's key of everything that is not a tensor.
    static var checkpointKey: String { "training" }

    /// Writes the checkpoint of a training with these settings. An existing file is replaced atomically or, on failure,
    /// stays.
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

    /// Restores the state of the trainer that wrote the file; the training continues with the same bits. On failure the
    /// trainer stays unchanged.
    ///
    /// - Parameters:
    ///   - path: The path of the checkpoint.
    ///   - settings: The settings of this training.
    ///   - allowsNewSchedule: Whether the checkpoint's number of epochs and learning rates may be others: then the schedule
    ///     of this trainer continues from the step that the checkpoint has reached.
    /// - Throws: `CheckpointError`, also for a training with other settings, whose first different field it names.
    public mutating func restore(
        from path: String, settings: TrainingSettings, allowsNewSchedule: Bool = false
    ) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let state = try TrainingState(in: file, key: Self.checkpointKey)
        let task = settings.data.task ?? .classes(count: model.configuration.classCount)
        if let reason = state.refusal(
            settings: settings, allowsNewSchedule: allowsNewSchedule, task: task)
        {
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
