import ArgumentParser
import DataFetching
import Foundation
import Terminator
import Training

/// All that tells one program from another: the data, how they are augmented, the network, how long it is trained.
public protocol Benchmark: ExampleCommand {
    /// What there is to learn, in a sentence.
    static var summary: String { get }
    /// Where the data come from and which files a folder with them has.
    static var dataDescription: String { get }
    /// The folder that is read where none is given.
    static var dataFolder: String { get }
    /// The official data that can be fetched, if there are any.
    static var officialData: OfficialData? { get }
    /// What holds where the command line says nothing else.
    static var defaults: TrainingDefaults { get }
    /// What is done to batches in training.
    static var augmentation: Augmentation? { get }

    /// Reads a part of the data, in the form that is the network's if there are several.
    static func samples(
        _ part: DataSet.Part, in folder: String, for network: NetworkConfiguration
    ) throws -> DataSet
}

extension Benchmark {
    /// Batches are used as they are.
    public static var augmentation: Augmentation? { nil }

    /// There is nothing to fetch.
    public static var officialData: OfficialData? { nil }

    /// The commands that all benchmarks have, and that for their data where these are official.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "\(Self.self)", abstract: summary, discussion: dataDescription,
            subcommands: [
                Train<Self>.self, Evaluate<Self>.self, Describe<Self>.self, Report<Self>.self,
            ]
                + (officialData == nil ? [] : [DataCommands<Self>.self]))
    }
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

    /// Defaults from their parts.
    public init(preset: NetworkPreset, epochs: Int, batchSize: Int = 64, rate: Float = 0.001) {
        self.preset = preset
        self.epochs = epochs
        self.batchSize = batchSize
        self.rate = rate
    }
}

extension NetworkConfiguration {
    /// Refuses data of which the network cannot read a sample.
    public func expectToRead(_ samples: DataSet) throws {
        try expect(
            [inputChannels] + extents == samples.sampleShape && classCount == samples.classCount,
            "expected a network for samples of shape \(samples.sampleShape) in \(samples.classCount) classes, "
                + "found one for \([inputChannels] + extents) in \(classCount)")
    }
}
