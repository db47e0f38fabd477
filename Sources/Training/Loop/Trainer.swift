import Tensors
import Terminator

/// The state of a training, as a value: network, optimizer, random numbers and progress.
///
/// Trainers that begin equal and see equal batches stay equal to the last bit, with any number of threads.
public struct Trainer<Model: Classifier, Rule: Optimizer>: Sendable {
    /// The current network. After an error it is the last one whose objective was finite.
    public internal(set) var model: Model
    /// The optimizer with its state.
    public internal(set) var optimizer: Rule
    /// The generator of shuffling, augmentation and dropout.
    public internal(set) var randomNumbers: RandomNumbers
    /// The number of steps taken.
    public internal(set) var stepCount = 0

    /// The number of finished epochs.
    public internal(set) var epochCount = 0
    /// The current epoch, between its first step and its end.
    public internal(set) var currentEpoch: EpochState?

    /// The number of training samples that this process has read since the trainer was made.
    public internal(set) var readSampleCount = 0

    /// The function to minimize.
    public let objective: TrainingObjective
    /// The learning rate of each step.
    public let schedule: LearningRateSchedule
    /// The augmentation of each training batch.
    public let augmentation: Augmentation?

    /// The network before the last step, whose objective was finite.
    private var previousModel: Model?

    /// A trainer before its first step.
    public init(
        _ model: Model, optimizer: Rule, objective: TrainingObjective = TrainingObjective(),
        schedule: LearningRateSchedule, augmentation: Augmentation? = nil, randomNumbers: RandomNumbers
    ) {
        self.model = model
        self.optimizer = optimizer
        self.objective = objective
        self.schedule = schedule
        self.augmentation = augmentation
        self.randomNumbers = randomNumbers
    }

    /// Takes one step along the gradient of the objective on `batch`.
    ///
    /// The samples of a batch that is distributed over processes count as those of one batch: all processes take the same
    /// step, to the last bit the one that a process with all samples takes.
    ///
    /// - Returns: the objective and the logits, of the whole batch, before the step.
    /// - Throws: ``NonFiniteValueError`` if the objective, its gradient or an updated parameter is not finite. The step is
    ///   then not taken; if the objective is not finite, the step before is undone too.
    @discardableResult
    public mutating func step(on batch: Batch) throws(NonFiniteValueError) -> (
        objective: Float, logits: Tensor
    ) {
        let step = stepCount + 1
        var batch = batch
        augmentation?(&batch, &randomNumbers)
        var drawn = randomNumbers
        let (value, gradient, output) = valueAndGradient(at: model) { model in
            let output = model(batch.inputs, dropout: &drawn)
            // What is recorded would keep all maps until the gradient is complete.
            return (objective.value(of: output, targets: batch.targets, model: model), output.detached)
        }
        randomNumbers = drawn

        let name = model.parameters.first { !gradient[$0.name].isFinite }?.name
        if let value = value.nonFiniteValue {
            model = previousModel ?? model
            throw NonFiniteValueError(quantity: .objective(gradient: name), value: value, step: step)
        }
        if let name, let value = gradient[name].nonFiniteValue {
            throw NonFiniteValueError(quantity: .gradient(parameter: name), value: value, step: step)
        }
        var (updatedModel, updatedOptimizer) = (model, optimizer)
        updatedOptimizer.update(&updatedModel, along: gradient, rate: schedule.rate(atStep: stepCount))
        for (name, tensor) in updatedModel.parameters {
            guard let value = tensor.nonFiniteValue else { continue }
            throw NonFiniteValueError(quantity: .parameter(name), value: value, step: step)
        }
        updatedModel.updateStatistics(from: output)

        previousModel = model
        model = updatedModel
        optimizer = updatedOptimizer
        stepCount = step
        let logits = output.logits
        return (value.scalar, logits.partition.map { $0.gathered(logits) } ?? logits)
    }
}
