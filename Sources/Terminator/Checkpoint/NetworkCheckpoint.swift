import Foundation
import Tensors

extension Network {
    /// The name under which a checkpoint's metadata holds the configuration, as JSON.
    public static let configurationKey = "configuration"
    private static let batchCountKey = "statistics.batchCount"
    private static let statisticsPrefix = "statistics."

    /// Writes a checkpoint, from which ``init(contentsOf:)`` restores an equal network: a Safetensors file with the
    /// parameters under their names, the running statistics under `statistics.` and the configuration in the metadata.
    ///
    /// An existing file is replaced atomically.
    public func save(to path: String, metadata: [String: String] = [:]) throws(SafetensorsError) {
        var metadata = metadata
        metadata[Self.configurationKey] = encodedConfiguration
        metadata[Self.batchCountKey] = String(statistics.batchCount)
        let averages = statistics.values.sorted { $0.key < $1.key }
            .map { (name: Self.statisticsPrefix + $0.key, tensor: $0.value) }
        try Safetensors.write(parameters + averages, metadata: metadata, to: path)
    }

    /// The network of a checkpoint.
    public init(contentsOf path: String) throws(CheckpointError) {
        try self.init(from: try ParameterFile(path))
    }

    /// The network of a checkpoint that is open.
    package init(from file: ParameterFile) throws(CheckpointError) {
        let configuration = try Self.configuration(in: file)
        // The parameters drawn here are all replaced.
        var randomNumbers = RandomNumbers(seed: 0)
        self.init(configuration, using: &randomNumbers)
        try load(from: file)
    }

    /// Reads the parameters, and the running statistics if there are any, from the checkpoint of a network of the same
    /// configuration. On failure the network stays unchanged.
    public mutating func load(from path: String) throws(CheckpointError) {
        try load(from: try ParameterFile(path))
    }

    /// Reads a checkpoint that is open.
    package mutating func load(from file: ParameterFile) throws(CheckpointError) {
        var file = file
        var loaded = try withParameters { (name, shape) throws(CheckpointError) in
            try file.take(name, shape: shape)
        }
        loaded.statistics = RunningStatistics()
        if file.file.names.contains(where: { $0.hasPrefix(Self.statisticsPrefix) }) {
            var values: [String: Tensor] = [:]
            for (name, shape) in statisticsShapes.sorted(by: { $0.key < $1.key }) {
                values[name] = try file.take(Self.statisticsPrefix + name, shape: shape)
            }
            // A count that cannot be read weighs the next batch by the momentum, as in the long run.
            let batchCount = file.file.metadata(named: Self.batchCountKey).flatMap { Int($0) } ?? Int.max - 1
            loaded.statistics = RunningStatistics(
                values: values, batchCount: max(0, min(batchCount, Int.max - 1)))
        }
        try file.expectEmpty()
        self = loaded
    }
}

extension Network {
    private var encodedConfiguration: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(configuration), as: UTF8.self)
        } catch {
            // Integers, finite numbers and names: what a valid configuration consists of can be encoded.
            fatalError(
                "expected a configuration that can be encoded, got \(configuration): \(error)")
        }
    }

    private static func configuration(in file: ParameterFile) throws(CheckpointError) -> NetworkConfiguration
    {
        func refuse(_ reason: String) -> CheckpointError { .configuration(path: file.path, reason: reason) }
        guard let text = file.file.metadata(named: configurationKey) else {
            throw refuse("the metadata has no '\(configurationKey)'")
        }
        let configuration: NetworkConfiguration
        do {
            configuration = try NetworkConfiguration(reading: ConfigurationDocument(json: text))
        } catch {
            let reason = (error as? ConfigurationSyntaxError)?.problem ?? "\(error)"
            throw refuse("the configuration in the metadata cannot be decoded: \(reason)")
        }
        do throws(ConfigurationError) {
            try configuration.validate()
        } catch {
            throw refuse("the configuration in the metadata is not valid: \(error)")
        }
        // Refuses a network larger than the file before allocating it.
        guard NetworkSize(of: configuration).parameterCount <= Double(file.file.scalarCount) else {
            throw refuse("the configuration in the metadata needs more parameters than the file holds")
        }
        return configuration
    }
}
