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
                The output folder gets model.safetensors, the network after the last complete epoch, or after the best one \
                with --keep best; history.json, the numbers of each epoch; and, until the training is complete, \
                checkpoint.safetensors. SIGINT (control-C), SIGTERM and SIGHUP (a closed terminal) write a checkpoint \
                before the program ends; --resume continues from it to the same model, to the last bit. With --resume, \
                --epochs and --rate may change: the rates of the remaining steps are then those of a training with the \
                new values.
                """)
    }

    @OptionGroup(title: "The network") var network: ConfigurationOptions
    @Option(
        help: "The number of passes over the training data. (default: \(B.defaults.epochs))",
        transform: wholeNumber(1...largestCount))
    var epochs: Int?
    @Option(help: "The number of samples in a training batch.", in: 1...largestCount)
    var batchSize = B.defaults.batchSize
    @Option(
        help: "The largest learning rate. (default: \(B.defaults.rate))", transform: numberAboveZero)
    var rate: Float?
    @Option(
        help: ArgumentHelp(
            "Erase each position of the training samples with this probability, above 0 and below 1.",
            valueName: "share"),
        transform: shareBelowOne)
    var erase: Float?
    @Option(help: "The random seed.", in: 0...UInt64.max) var seed: UInt64 = 1
    @Option(
        help: "How many of the last training samples to use for validation instead.", in: 0...largestCount)
    var validation = 0
    @OptionGroup var threading: ThreadOptions
    @OptionGroup var distribution: DistributionOptions
    @OptionGroup var data: B.DataOptions
    @OptionGroup var trainingData: B.TrainingDataOptions
    @Option(help: "The folder for the model and the checkpoint.", completion: .directory)
    var output = "results/\(B.self)"
    @Option(help: "The number of training steps from one checkpoint to the next.", in: 1...largestCount)
    var checkpointSteps = 200
    @Flag(help: "Resume from the checkpoint in the output folder.") var resume = false
    @Flag(help: "Replace the training in the output folder.") var overwrite = false
    @Option(
        help: ArgumentHelp(
            "A model to start from, with its normalization.",
            discussion:
                "Its configuration is used, unless options for a network are given, which then have to agree.",
            valueName: "file"),
        completion: .file())
    var from: String?
    @OptionGroup var selection: SelectionOptions
    @Option(help: "A folder for event files, which TensorBoard shows.", completion: .directory)
    var tensorboard: String?
    @Option(help: "The number of training steps from one event to the next.", in: 1...largestCount)
    var tensorboardSteps = 20
    @OptionGroup var announcer: OutputOptions

    /// The training is worth more than what it says.
    static var endsWithItsReader: Bool { false }

    func validate() throws {
        try expect(!resume || from == nil, "expected --resume or --from, found both")
        try expect(!resume || !overwrite, "expected --resume or --overwrite, found both")
        try expect(
            selection.modelSelection == nil || validation > 0,
            "--keep best and --patience need validation data: expected --validation above 0, found 0")
    }

    func run() throws {
        threading.apply()
        try distribution.run { try run(over: $0) }
    }

    /// Trains and tests, over the processes if there are several.
    private func run(over mpi: MPI?) throws {
        let start = try from.map { try B.trainedNetwork(contentsOf: $0) }
        let configuration = try configuration(startingFrom: start)
        if network.printConfiguration {
            say(configuration.yaml, terminator: "")
            return
        }
        let (all, test) = try B.samples(data, trainingData, for: configuration, seed: seed)
        try configuration.expectToRead(all)
        try expect(
            validation < all.count,
            "--validation is below the number of samples, \(all.count), found \(validation)")
        let folder = try TrainingFolder(output, of: mpi)
        // Its lock is held to the end.
        defer { withExtendedLifetime(folder) {} }
        try folder.expectState(resuming: resume, overwriting: overwrite)

        let used = validation > 0 ? all.subset(0..<all.count - validation) : all
        let heldBack = validation > 0 ? all.subset(used.count..<all.count) : nil
        guard
            let (trained, workers) = try train(
                configuration, from: start, on: used, validation: heldBack, keepingIn: folder, over: mpi)
        else { return }
        let metrics = try trained.network.evaluated(
            on: Batches(of: test, normalization: trained.normalization, batchSize: evaluationBatchSize),
            over: workers)
        announcer.announcePeakMemory()
        announcer.announce("model", ["file": .text(folder.model)], text: "model         \(folder.model)")
        announcer.announce(test: metrics)
    }

    /// The trained network, and the processes that have it; `nil` in processes that have no part in the batches.
    private func train(
        _ configuration: NetworkConfiguration, from startingNetwork: TrainedNetwork?, on data: DataSet,
        validation: DataSet?, keepingIn folder: TrainingFolder, over mpi: MPI?
    ) throws -> (TrainedNetwork, (any Communicator)?)? {
        let checkpoint = resume ? try mpi?.copy(ofFirst: folder.checkpoint) ?? folder.checkpoint : nil
        defer { folder.removeCopy(checkpoint) }
        let stored = try checkpoint.map { try TrainingSettings(ofCheckpoint: $0) }
        let settings = settings(configuration, for: data, from: startingNetwork, resuming: stored)
        let normalization = settings.normalization ?? Normalization(of: data)
        var randomNumbers = RandomNumbers(seed: seed)
        let network = startingNetwork?.network ?? Network(configuration, using: &randomNumbers)
        var trainer = Trainer(
            network, optimizer: Kar.kar3(), objective: settings.objective, schedule: settings.schedule,
            augmentation: augmentation(for: settings), randomNumbers: randomNumbers)
        if let checkpoint {
            try trainer.restore(from: checkpoint, settings: settings, allowsNewSchedule: true)
        }
        announcer.announceStart(trainer, data: data, validation: validation, isResumed: resume)
        var workers: (any Communicator)?
        if let mpi {
            workers = try announcer.begin(trainer, settings: settings, over: mpi)
            if workers == nil {
                // This process waits for the others' end. A launcher's signal reaches all processes: one that it ended here
                // would take the others down before their checkpoint.
                StopSignal.catchFirst()
                return nil
            }
        }
        let trafficBefore = workers?.traffic
        var history = try folder.history(
            ofFirst: trainer.epochCount, isNeeded: settings.selection != nil, on: workers)
        var log =
            try folder.isOfThisProcess
            ? tensorboard.map {
                try TensorBoardLog(in: $0, besides: output, stepInterval: tensorboardSteps, of: trainer)
            } : nil

        let selection = settings.selection ?? ModelSelection()
        func trained(_ trainer: Trainer<Network, Kar>) -> TrainedNetwork {
            TrainedNetwork(trainer.model, normalization: normalization, record: settings.record)
        }
        /// Keeps the network after the last complete epoch, if it is the last or the best one.
        func keepModel(_ trainer: Trainer<Network, Kar>) throws {
            if folder.isOfThisProcess, !selection.keepsBest || history.bestEpoch == trainer.epochCount {
                try trained(trainer).save(to: folder.model)
            }
        }
        var lastStepKept = trainer.stepCount
        func keepCheckpoint(_ trainer: Trainer<Network, Kar>) throws {
            if folder.isOfThisProcess { try trainer.save(to: folder.checkpoint, settings: settings) }
            lastStepKept = trainer.stepCount
        }
        /// Calls `body`, which writes history or events. Steps are worth more: if it fails, a checkpoint is tried first.
        func keepingSteps(of trainer: Trainer<Network, Kar>?, _ body: () throws -> Void) throws {
            do {
                try body()
            } catch {
                // Where there is no room for a checkpoint either, the first error is the one to report.
                if let trainer { try? keepCheckpoint(trainer) }
                throw error
            }
        }
        /// The trainer after the last step of an epoch that has not ended, which needs no history of it; `nil` from its end on,
        /// and where the checkpoint that the training was resumed from is that trainer.
        var beforeEnd: Trainer<Network, Kar>?
        func throwIfStopped(_ trainer: Trainer<Network, Kar>) throws {
            let received = StopSignal.received
            guard let signal = workers.map({ $0.signal(received) }) ?? received else { return }
            if lastStepKept != trainer.stepCount { try keepCheckpoint(trainer) }
            throw TrainingInterruption(
                signal: signal, step: trainer.stepCount, checkpoint: folder.checkpoint)
        }
        StopSignal.catchFirst()
        defer { StopSignal.endProgram() }
        if !resume {
            // Before anything else: a folder with a model and no checkpoint is one of a finished training.
            try keepCheckpoint(trainer)
            try throwIfStopped(trainer)
        } else if trainer.currentEpoch == nil, trainer.epochCount > 0 {
            // The checkpoint at the end of an epoch is written before the model, which may be missing.
            try keepModel(trainer)
        }
        var progress = announcer.progressDisplay
        let start = ContinuousClock.now
        let firstStep = trainer.stepCount
        try trainer.train(
            on: data, epochCount: settings.epochCount,
            plan: BatchPlan(normalization: normalization, trainingSize: batchSize, processes: workers),
            validation: validation, progress: &progress
        ) { trainer, record in
            let epoch = history.add(record, of: trainer)
            // Before the checkpoint: what is behind that is forgotten when the training goes on from it.
            try keepingSteps(of: beforeEnd) {
                if folder.isOfThisProcess { try history.write(to: folder.historyFile) }
            }
            // Its tensors need not live beside those of the next step.
            beforeEnd = nil
            if let workers { trainer.expectAgreement(over: workers) }
            try keepingSteps(of: trainer) { try log?.addEpoch(epoch, of: trainer.model) }
            // Before the model: of an epoch that is forgotten there must be no model.
            try keepCheckpoint(trainer)
            try keepModel(trainer)
            announcer.announceInJSON("epoch", record.fields)
            try throwIfStopped(trainer)
            return folder.model
        } afterStep: { trainer in
            try keepingSteps(of: trainer) { try log?.addStep(of: trainer) }
            if trainer.currentEpoch?.stepCount == settings.stepCountPerEpoch { beforeEnd = trainer }
            if trainer.stepCount - lastStepKept >= checkpointSteps { try keepCheckpoint(trainer) }
            try throwIfStopped(trainer)
        } isOver: { _ in
            selection.isOver(history)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let steps = trainer.stepCount - firstStep
        let model = selection.keepsBest ? try workers?.copy(ofFirst: folder.model) ?? folder.model : nil
        let kept = try model.map { try TrainedNetwork(contentsOf: $0) } ?? trained(trainer)
        folder.removeCopy(model)
        try folder.removeCheckpoint()
        announcer.announceEnd(
            trainer, steps: steps, seconds: seconds, history: history, settings: settings)
        if let workers, let trafficBefore {
            announcer.announceShares(of: trainer, steps: steps, since: trafficBefore, over: workers)
        }
        return (kept, workers)
    }
}
