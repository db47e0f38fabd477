import ArgumentParser
import Foundation
import Terminator
import Training

/// All that tells one program from another: the data, how they are augmented, the network, how long it is trained.
public protocol Benchmark: ExampleCommand {
    /// The options about data that training and testing share.
    associatedtype DataOptions: ParsableArguments
    /// The options about data that training has besides.
    associatedtype TrainingDataOptions: ParsableArguments

    /// What there is to learn, in a sentence.
    static var summary: String { get }
    /// Where the data come from.
    static var dataDescription: String { get }
    /// What holds where the command line says nothing else.
    static var defaults: TrainingDefaults { get }
    /// What is done to batches in training.
    static var augmentation: Augmentation? { get }
    /// The data set, for the record in models.
    static var dataName: String { get }
    /// How samples become a network's inputs, for the record in models: a model for other inputs is refused.
    static func arrangement(for network: NetworkConfiguration) -> String
    /// The names of the classes; empty where there are none.
    static var classNames: [String] { get }
    /// The commands that not all benchmarks have.
    static var furtherCommands: [any ParsableCommand.Type] { get }

    /// Makes the network that the command line asks for one for the data that it asks for.
    static func adapt(_ network: inout NetworkConfiguration, to options: TrainingDataOptions) throws

    /// The data to train and to test on.
    static func samples(
        _ options: DataOptions, _ trainingOptions: TrainingDataOptions, for network: NetworkConfiguration,
        seed: UInt64
    ) throws -> (training: DataSet, test: DataSet)

    /// The data to test on.
    static func testSamples(_ options: DataOptions, for network: NetworkConfiguration) throws -> DataSet
}

extension Benchmark {
    /// Batches are used as they are.
    public static var augmentation: Augmentation? { nil }

    /// The commands of all benchmarks and those of its own.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "\(Self.self)", abstract: summary, discussion: dataDescription,
            version: Release.version,
            subcommands: [
                Train<Self>.self, Evaluate<Self>.self, Describe<Self>.self, DrawKernels<Self>.self,
            ] + furtherCommands)
    }
}

/// No options at all.
public struct NoOptions: ParsableArguments {
    /// No options.
    public init() {}
}

/// What a training does unless the command line says otherwise.
public struct TrainingDefaults: Sendable {
    /// The network.
    public var preset: NetworkPreset
    /// The number of passes over the training data.
    public var epochs: Int
    /// The number of samples in a batch.
    public var batchSize: Int
    /// The largest learning rate.
    public var rate: Float
    /// What is minimized.
    public var objective: TrainingObjective
    /// The numbers of samples, if they are known before the data is read: the last batches, which have fewer samples than
    /// the others, take memory of their own.
    public var sampleCounts: SampleCounts?

    /// Defaults from their parts.
    public init(
        preset: NetworkPreset, epochs: Int, batchSize: Int = 64, rate: Float = 0.001,
        objective: TrainingObjective = TrainingObjective(), sampleCounts: SampleCounts? = nil
    ) {
        self.preset = preset
        self.epochs = epochs
        self.batchSize = batchSize
        self.rate = rate
        self.objective = objective
        self.sampleCounts = sampleCounts
    }
}

/// The numbers of samples of a benchmark.
public struct SampleCounts: Sendable {
    /// The samples to train on.
    public let training: Int
    /// The samples to test on.
    public let test: Int

    /// Numbers of samples.
    public init(training: Int, test: Int) {
        self.training = training
        self.test = test
    }
}

extension TrainedNetwork {
    /// The data that `samples` makes for the network. Refuses those that it cannot read.
    func readable(_ samples: (NetworkConfiguration) throws -> DataSet) throws -> DataSet {
        let data = try samples(network.configuration)
        try network.configuration.expectToRead(data)
        return data
    }
}

extension NetworkConfiguration {
    /// Throws for data whose samples or task do not fit the network.
    public func expectToRead(_ samples: DataSet) throws {
        let outputCount = samples.task.outputCount
        try expect(
            [inputChannels] + extents == samples.sampleShape && classCount == outputCount,
            "expected a network for samples of shape \(samples.sampleShape) in \(outputCount) classes, "
                + "found one for \([inputChannels] + extents) in \(classCount)")
        let readout = samples.task.readout
        try expect(
            self.readout == readout,
            "expected a network with the readout \(readout.rawValue), found \(self.readout.rawValue)")
    }
}

extension LearningTask {
    /// The readout that the task needs.
    fileprivate var readout: Readout {
        if case .classes(_, .some) = self { .positions } else { .pooled }
    }
}
