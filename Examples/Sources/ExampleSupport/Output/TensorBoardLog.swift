import Tensors
import TensorBoard
import Terminator
import Training

/// What a training writes for TensorBoard: numbers every few steps and every epoch, and at the end of each epoch how
/// the parameters are distributed and what the hyper-kernels look like.
struct TensorBoardLog {
    private let file: EventFile
    private let stepInterval: Int
    /// Where the epoch was when a number was last written.
    private var last = Progress()
    private var lastStep: Int

    /// A log in `folder`, of a training that goes on from where `trainer` is.
    init(in folder: String, stepInterval: Int, of trainer: Trainer<Network, Kar>) throws {
        file = try EventFile(in: folder, firstStep: trainer.stepCount + 1)
        self.stepInterval = stepInterval
        lastStep = trainer.stepCount
        last = trainer.currentEpoch.map(Progress.init) ?? Progress()
    }

    /// Writes how the steps since the last time went, if there were enough of them.
    mutating func addStep(of trainer: Trainer<Network, Kar>) throws {
        guard let epoch = trainer.currentEpoch, trainer.stepCount >= lastStep + stepInterval else { return }
        let progress = Progress(epoch)
        let sampleCount = Double(progress.sampleCount - last.sampleCount)
        let seconds = progress.seconds - last.seconds
        var values: [(key: String, value: ObservedValue)] = [
            ("steps/objective", .scalar((progress.objectiveSum - last.objectiveSum) / sampleCount)),
            ("steps/loss", .scalar((progress.lossSum - last.lossSum) / sampleCount)),
            (
                "steps/learning rate",
                .scalar(Double(trainer.schedule.rate(atStep: trainer.stepCount - 1)))
            ),
        ]
        if let accuracySum = progress.accuracySum {
            values.append(("steps/accuracy", .scalar((accuracySum - (last.accuracySum ?? 0)) / sampleCount)))
        }
        if seconds > 0 { values.append(("steps/samples per second", .scalar(sampleCount / seconds))) }
        try file.write(values, step: trainer.stepCount)
        last = progress
        lastStep = trainer.stepCount
    }

    /// Writes what came of an epoch.
    mutating func addEpoch(_ epoch: TrainingHistory.Epoch, of network: Network) throws {
        var values: [(key: String, value: ObservedValue)] = [
            ("epochs/objective", .scalar(epoch.objective)), ("epochs/training loss", .scalar(epoch.loss)),
            ("epochs/learning rate", .scalar(Double(epoch.learningRate))),
            ("epochs/samples per second", .scalar(Double(epoch.sampleCount) / max(epoch.seconds, 1e-9))),
        ]
        if let accuracy = epoch.accuracy { values.append(("epochs/training accuracy", .scalar(accuracy))) }
        if let loss = epoch.validationLoss { values.append(("epochs/validation loss", .scalar(loss))) }
        if let accuracy = epoch.validationAccuracy {
            values.append(("epochs/validation accuracy", .scalar(accuracy)))
        }
        for (name, tensor) in network.parameters where tensor.count > 0 {
            let distribution = tensor.withScalars { Distribution(of: $0) }
            values.append(("parameters/" + name.replacing(".", with: "/"), .distribution(distribution)))
        }
        for (index, block) in network.blocks.enumerated() {
            let image = KernelSheet(of: block.globalSlowNet.kernel()).image
            values.append(
                (
                    "hyper-kernels/block \(index)",
                    .picture(
                        png: image.png, width: image.width, height: image.height, channels: image.channels)
                ))
        }
        try file.write(values, step: epoch.step)
        last = Progress()
    }
}

/// Sums over an epoch, from which those over its last steps follow.
private struct Progress {
    var sampleCount = 0
    var objectiveSum = 0.0
    var lossSum = 0.0
    /// Numbers have none.
    var accuracySum: Double?
    var seconds = 0.0

    /// The beginning of an epoch.
    init() {}

    init(_ epoch: EpochState) {
        sampleCount = epoch.metrics.sampleCount
        objectiveSum = epoch.meanObjective * Double(sampleCount)
        lossSum = epoch.metrics.loss * Double(sampleCount)
        accuracySum = epoch.metrics.accuracy.map { $0 * Double(sampleCount) }
        seconds = epoch.seconds
    }
}
