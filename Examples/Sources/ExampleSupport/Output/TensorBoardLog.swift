import Foundation
import Tensors
import TensorBoard
import Terminator
import Training

/// What a training writes for TensorBoard: numbers every few steps and every epoch, and at the end of each epoch how
/// the parameters are distributed and what the hyper-kernels look like.
struct TensorBoardLog {
    private let file: EventFile
    /// Two trainings in one folder would be shown as one; `nil` where the training's own folder is locked already.
    private let lock: FolderLock?
    private let stepInterval: Int
    /// The sums over the steps since numbers were last written, those of earlier epochs included.
    private var pending = Progress()
    /// The sums over the epoch up to the step that was added last.
    private var epoch = Progress()
    private var lastStep: Int

    /// A log in `folder`, which is created and locked, of a training that goes on from where `trainer` is.
    ///
    /// - Parameter lockedFolder: the folder that the training has locked, which may be the same.
    init(
        in folder: String, besides lockedFolder: String, stepInterval: Int, of trainer: Trainer<Network, Kar>
    ) throws {
        try createFolder(folder, option: "--tensorboard")
        func location(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        lock = location(folder) == location(lockedFolder) ? nil : try FolderLock(folder)
        file = try EventFile(in: folder, firstStep: trainer.stepCount + 1)
        self.stepInterval = stepInterval
        lastStep = trainer.stepCount
        epoch = trainer.currentEpoch.map(Progress.init) ?? Progress()
    }

    /// Adds a step, and writes how the steps since the last time went, if there were enough of them. To be called after
    /// every step; the steps that end an epoch count like all others.
    mutating func addStep(of trainer: Trainer<Network, Kar>) throws {
        guard let state = trainer.currentEpoch else { return }
        let progress = Progress(state)
        pending.add(progress, since: epoch)
        epoch = progress
        guard trainer.stepCount >= lastStep + stepInterval else { return }
        let sampleCount = Double(pending.sampleCount)
        var values: [(key: String, value: ObservedValue)] = [
            ("steps/objective", .scalar(pending.objectiveSum / sampleCount)),
            ("steps/loss", .scalar(pending.lossSum / sampleCount)),
            (
                "steps/learning rate",
                .scalar(Double(trainer.schedule.rate(atStep: trainer.stepCount - 1)))
            ),
        ]
        if let accuracySum = pending.accuracySum {
            values.append(("steps/accuracy", .scalar(accuracySum / sampleCount)))
        }
        if pending.seconds > 0 {
            values.append(("steps/samples per second", .scalar(sampleCount / pending.seconds)))
        }
        try file.write(values, step: trainer.stepCount)
        pending = Progress()
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
        self.epoch = Progress()
    }
}

/// Sums over steps.
private struct Progress {
    var sampleCount = 0
    var objectiveSum = 0.0
    var lossSum = 0.0
    /// Numbers have none.
    var accuracySum: Double?
    var seconds = 0.0

    /// No step.
    init() {}

    /// Adds the steps between two places of an epoch.
    mutating func add(_ end: Progress, since start: Progress) {
        sampleCount += end.sampleCount - start.sampleCount
        objectiveSum += end.objectiveSum - start.objectiveSum
        lossSum += end.lossSum - start.lossSum
        if let sum = end.accuracySum { accuracySum = (accuracySum ?? 0) + sum - (start.accuracySum ?? 0) }
        seconds += end.seconds - start.seconds
    }

    init(_ epoch: EpochState) {
        sampleCount = epoch.metrics.sampleCount
        objectiveSum = epoch.meanObjective * Double(sampleCount)
        lossSum = epoch.metrics.loss * Double(sampleCount)
        accuracySum = epoch.metrics.accuracy.map { $0 * Double(sampleCount) }
        seconds = epoch.seconds
    }
}
