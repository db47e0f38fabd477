import Tensors

/// The progress and running metrics of an epoch.
public struct EpochState: Codable, Equatable, Sendable {
    /// The generator from which the epoch's order of samples is drawn, before the draw.
    let shuffling: RandomNumbers
    /// The number of steps taken.
    public private(set) var stepCount = 0
    /// The metrics of each batch before its step.
    public private(set) var metrics: Metrics
    /// The duration of the steps in seconds.
    public private(set) var seconds = 0.0
    private var objectiveSum = 0.0

    /// The names in checkpoints.
    private enum CodingKeys: String, CodingKey {
        case shuffling, stepCount, metrics, seconds
        case objectiveSum = "lossSum"
    }

    /// An epoch before its first step.
    init(shuffling: RandomNumbers, task: LearningTask) {
        self.shuffling = shuffling
        metrics = Metrics(of: task)
    }

    /// The mean of the objective.
    public var meanObjective: Double { objectiveSum / Double(metrics.sampleCount) }

    /// Adds a step that ended `seconds` after the epoch's start.
    mutating func add(objective: Float, logits: Tensor, targets: Targets, seconds: Double) {
        stepCount += 1
        metrics.add(logits: logits, targets: targets)
        objectiveSum += Double(objective) * Double(logits.shape[0])
        self.seconds = seconds
    }
}
