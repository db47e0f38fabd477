import ArgumentParser
import Convolution
import ExampleSupport
import Foundation
import Tensors
import Terminator
import Training

/// Trains a network on handwritten digits and tests it, or tests one that was trained before.
@main
struct Digits: ExampleCommand {
    static let configuration = CommandConfiguration(
        commandName: "Digits",
        abstract: "Trains a Terminator network on images of handwritten digits and tests it.")

    @Option(help: "How an image is read: as a sequence of pixels or as an image. (default: sequence)")
    var form: Form?
    @OptionGroup(title: "The network") var network: ConfigurationOptions
    @Option(help: "The number of passes over the training data.") var epochs = 20
    @Option(help: "The number of samples in a training batch.") var batchSize = 64
    @Option(help: "The largest learning rate.") var rate: Float = 0.001
    @Option(help: "What all random numbers follow from.") var seed: UInt64 = 1
    @Option(help: "The number of threads; no result depends on it. (default: one for each processor)")
    var threads: Int?
    @Option(help: "How many of the last training samples to validate on, not to train on.") var validation = 0
    @Option(help: "A folder of IDX files named as MNIST's. (default: the digits that come with the program)")
    var data: String?
    @Option(help: "The folder to keep model.safetensors in, after every epoch.") var output: String?
    @Option(help: "Test the network in this file; train none.") var evaluate: String?
    @Flag(help: "Show no progress.") var quiet = false

    func validate() throws {
        try expect(epochs >= 1, "--epochs is at least 1, found \(epochs)")
        try expect(batchSize >= 1, "--batch-size is at least 1, found \(batchSize)")
        try expect(rate > 0 && rate.isFinite, "--rate is a number above 0, found \(rate)")
        try expect(1...1024 ~= threads ?? 1, "--threads is from 1 to 1024, found \(threads ?? 1)")
        try expect(validation >= 0, "--validation is at least 0, found \(validation)")
    }

    func run() throws {
        if let threads { Threads.count = threads }
        let test = try DataSet(.test, folder: folder, classCount: 10)
        let configuration = try network.configuration(for: test, form: form)
        if network.printConfiguration {
            print(configuration.yaml, terminator: "")
            return
        }
        let expected = network.areGiven || form != nil ? configuration : nil
        let trained =
            try evaluate.map { try TrainedNetwork(contentsOf: $0, for: test, expecting: expected) }
            ?? train(configuration, for: test)

        let metrics = try trained.evaluated(on: test)
        say("test loss     \(decimal(metrics.loss, 4))")
        say("test accuracy \(decimal(metrics.accuracy, 4))")
    }

    /// Trains a network, and keeps it in the output folder if there is one.
    private func train(
        _ configuration: NetworkConfiguration, for test: DataSet
    ) throws -> TrainedNetwork {
        let images = try DataSet(.training, folder: folder, classCount: test.classCount)
        guard images.sampleShape == test.sampleShape else {
            throw DataFileError(
                file: folder, reason: .sampleShape(expected: images.sampleShape, found: test.sampleShape))
        }
        let all = Form(of: configuration).samples(of: images)
        try expect(
            validation < all.count,
            "--validation is below the number of samples, \(all.count), found \(validation)")
        let file = try output.map { try modelFile(in: $0) }

        var randomNumbers = RandomNumbers(seed: seed)
        let network = Network(configuration, using: &randomNumbers)
        let used = all.subset(0..<all.count - validation)
        let normalization = Normalization(of: used)
        say("parameters    \(network.parameterCount), \(network.slowParameterCount) of them in slow nets")

        let plan = BatchPlan(normalization: normalization, trainingSize: batchSize)
        let stepCount = epochs * plan.stepCount(for: used)
        var trainer = Trainer(
            network, optimizer: Kar.kar3(),
            schedule: LearningRateSchedule(
                .warmUpThenCosine, base: rate, warmUpStepCount: stepCount / 20, stepCount: stepCount),
            randomNumbers: randomNumbers)
        var progress = ProgressDisplay.onStandardError(isQuiet: quiet)
        let records = try trainer.train(
            on: used, epochCount: epochs, plan: plan,
            validation: validation > 0 ? all.subset(used.count..<all.count) : nil, progress: &progress
        ) { trainer, _ in
            if let file { try TrainedNetwork(trainer.model, normalization: normalization).save(to: file) }
            return file
        }

        let seconds = records.reduce(0) { $0 + $1.seconds }
        say(
            "training      \(decimal(seconds, 1)) s, \(Int(Double(epochs * used.count) / seconds)) samples/s")
        say("peak memory   \(peakMemory() >> 20) MiB")
        if let file { say("model         \(file)") }
        return TrainedNetwork(trainer.model, normalization: normalization)
    }

    private var folder: String { data ?? Bundle.module.bundlePath + "/Data" }
}
