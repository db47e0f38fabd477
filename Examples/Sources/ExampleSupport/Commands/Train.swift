import ArgumentParser
import Foundation
import Tensors
import Terminator
import Training
import YAMLConfiguration

/// Trains a network, keeps it, and tests it.
struct Train<B: Benchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "train", abstract: "Trains a network, saves it, and tests it.",
            discussion: """
                The output folder gets model.safetensors, the network after the last complete epoch; history.json, the \
                numbers of each epoch; and, until the training is complete, checkpoint.safetensors. SIGINT \
                (control-C), SIGTERM and SIGHUP (a closed terminal) write a checkpoint before the program ends; --resume continues from it to the same model, to \
                the last bit.
                """)
    }

    @OptionGroup(title: "The network") var network: ConfigurationOptions
    @Option(help: "The number of passes over the training data.", in: 1...largestCount)
    var epochs = B.defaults.epochs
    @Option(help: "The number of samples in a training batch.", in: 1...largestCount)
    var batchSize = B.defaults.batchSize
    @Option(help: "The largest learning rate.", reading: numberAboveZero) var rate = B.defaults.rate
    @Option(help: "The random seed.", in: 0...UInt64.max) var seed: UInt64 = 1
    @Option(
        help: "How many of the last training samples to use for validation instead.", in: 0...largestCount)
    var validation = 0
    @OptionGroup var threading: ThreadOptions
    @OptionGroup var data: B.DataOptions
    @OptionGroup var trainingData: B.TrainingDataOptions
    @Option(help: "The folder for the model and the checkpoint.", completion: .directory)
    var output = "results/\(B.self)"
    @Option(help: "The number of training steps from one checkpoint to the next.", in: 1...largestCount)
    var checkpointSteps = 200
    @Flag(help: "Resume from the checkpoint in the output folder.") var resume = false
    @Option(help: "A folder for event files, which TensorBoard shows.", completion: .directory)
    var tensorboard: String?
    @Option(help: "The number of training steps from one event to the next.", in: 1...largestCount)
    var tensorboardSteps = 20
    @OptionGroup var announcer: OutputOptions

    /// The training is worth more than what it says.
    static var endsWithItsReader: Bool { false }

    func run() throws {
        threading.apply()
        var configuration = try network.configuration(standard: B.defaults.preset)
        try B.adapt(&configuration, to: trainingData)
        try configuration.validate()
        if network.printConfiguration {
            say(configuration.yaml, terminator: "")
            return
        }
        let (all, test) = try B.samples(data, trainingData, for: configuration, seed: seed)
        try configuration.expectToRead(all)
        try expect(
            validation < all.count,
            "--validation is below the number of samples, \(all.count), found \(validation)")
        let folder = try TrainingFolder(output)
        try folder.expectCheckpoint(resuming: resume)

        let used = validation > 0 ? all.subset(0..<all.count - validation) : all
        let heldBack = validation > 0 ? all.subset(used.count..<all.count) : nil
        let trained = try train(configuration, on: used, validation: heldBack, keepingIn: folder)
        let metrics = try trained.network.evaluated(
            on: Batches(of: test, normalization: trained.normalization, batchSize: 128))
        announcer.announcePeakMemory()
        announcer.announce("model", ["file": .text(folder.model)], text: "model         \(folder.model)")
        announcer.announce(test: metrics)
    }

    private func settings(_ configuration: NetworkConfiguration, for data: DataSet) -> TrainingSettings {
        let stepCount = epochs * ((data.count + batchSize - 1) / batchSize)
        return TrainingSettings(
            network: configuration, data: DataSummary(of: data), batchSize: batchSize, epochCount: epochs,
            schedule: LearningRateSchedule(
                .warmUpThenCosine, base: rate, warmUpStepCount: stepCount / 20, stepCount: stepCount),
            objective: B.defaults.objective, seed: seed)
    }

    private func train(
        _ configuration: NetworkConfiguration, on data: DataSet, validation: DataSet?,
        keepingIn folder: TrainingFolder
    ) throws -> TrainedNetwork {
        let settings = settings(configuration, for: data)
        let normalization = Normalization(of: data)
        var randomNumbers = RandomNumbers(seed: seed)
        let network = Network(configuration, using: &randomNumbers)
        var trainer = Trainer(
            network, optimizer: Kar.kar3(), objective: settings.objective, schedule: settings.schedule,
            augmentation: B.augmentation, randomNumbers: randomNumbers)
        if resume { try trainer.restore(from: folder.checkpoint, settings: settings) }
        announceStart(trainer, data: data, validation: validation)
        var history = try folder.history(ofFirst: trainer.epochCount)
        var log = try tensorboard.map {
            try TensorBoardLog(in: $0, stepInterval: tensorboardSteps, of: trainer)
        }

        var lastStepKept = trainer.stepCount
        func keep(_ trainer: Trainer<Network, Kar>, isDue: Bool) throws {
            let signal = StopSignal.received
            if isDue || signal != nil {
                try trainer.save(to: folder.checkpoint, settings: settings)
                lastStepKept = trainer.stepCount
            }
            if let signal {
                throw TrainingInterruption(
                    signal: signal, step: trainer.stepCount, checkpoint: folder.checkpoint)
            }
        }
        StopSignal.catchFirst()
        defer { StopSignal.endProgram() }
        var progress = announcer.progressDisplay
        let start = ContinuousClock.now
        let firstStep = trainer.stepCount
        try trainer.train(
            on: data, epochCount: epochs,
            plan: BatchPlan(normalization: normalization, trainingSize: batchSize),
            validation: validation, progress: &progress
        ) { trainer, record in
            try TrainedNetwork(trainer.model, normalization: normalization).save(to: folder.model)
            let epoch = history.add(record, of: trainer)
            // Before the checkpoint: what is behind that is forgotten when the training goes on from it.
            try history.write(to: folder.historyFile)
            try log?.addEpoch(epoch, of: trainer.model)
            announcer.announceInJSON("epoch", record.fields)
            try keep(trainer, isDue: true)
            return folder.model
        } afterStep: { trainer in
            try log?.addStep(of: trainer)
            try keep(trainer, isDue: trainer.stepCount - lastStepKept >= checkpointSteps)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let steps = trainer.stepCount - firstStep
        let trained = TrainedNetwork(trainer.model, normalization: normalization)
        // Once more, for a training that was ended between its last checkpoint and the end.
        try trained.save(to: folder.model)
        try folder.removeCheckpoint()
        announcer.announce(
            "trained", ["seconds": .number(seconds), "steps": .integer(steps)],
            text: "training      \(durationText(seconds)), \(steps) steps")
        return trained
    }

    private func announceStart(_ trainer: Trainer<Network, Kar>, data: DataSet, validation: DataSet?) {
        let network = trainer.model
        announcer.announce(
            "start",
            [
                "parameters": .integer(network.parameterCount),
                "slowParameters": .integer(network.slowParameterCount),
                "samples": .integer(data.count), "validationSamples": .integer(validation?.count ?? 0),
                "step": .integer(trainer.stepCount),
            ],
            text: """
                parameters    \(network.parameterCount), \(network.slowParameterCount) of them in slow nets
                samples       \(data.count) to train on, \(validation?.count ?? 0) to validate on
                """)
        if trainer.stepCount > 0, !announcer.json { say("resumed       after step \(trainer.stepCount)") }
    }
}

extension EpochRecord {
    /// The record in a line of JSON.
    fileprivate var fields: [String: JSONScalar] {
        var fields: [String: JSONScalar] = [
            "epoch": .integer(epoch), "objective": .number(objective), "loss": .number(training.loss),
            "samples": .integer(sampleCount), "seconds": .number(seconds),
        ]
        fields["accuracy"] = training.accuracy.map { .number($0) }
        if let validation {
            fields["validationLoss"] = .number(validation.loss)
            fields["validationAccuracy"] = validation.accuracy.map { .number($0) }
        }
        return fields
    }
}
