import Tensors

/// How far a pass over the training data is, and what came of it so far.
public struct EpochState: Codable, Equatable, Sendable {
    /// Where the order of the samples was drawn from, as it was before.
    let shuffling: RandomNumbers
    /// The number of steps taken.
    public private(set) var stepCount = 0
    /// How the network did on each batch before it was trained on it.
    public private(set) var metrics: Metrics
    /// How long the steps took, in seconds.
    public private(set) var seconds = 0.0
    private var lossSum = 0.0

    /// A pass that has not taken a step.
    init(shuffling: RandomNumbers, question: Question) {
        self.shuffling = shuffling
        metrics = Metrics(of: question)
    }

    /// The mean of the loss that is minimized.
    public var meanLoss: Double { lossSum / Double(metrics.sampleCount) }

    /// Takes in a step, which ended `seconds` after the pass began.
    mutating func add(loss: Float, logits: Tensor, targets: Targets, seconds: Double) {
        stepCount += 1
        metrics.add(logits: logits, targets: targets)
        lossSum += Double(loss) * Double(logits.shape[0])
        self.seconds = seconds
    }
}
