import Foundation
import Runtime
import Tensors
import Terminator

/// A network with its input normalization: the result of a training, and all that inference needs.
public struct TrainedNetwork: Sendable {
    /// The network.
    public var network: Network
    /// The normalization of its inputs.
    public var normalization: Normalization

    /// What the network was trained for; `nil` where nobody recorded it.
    public var record: TrainingRecord?

    /// The metadata's key of the normalization, in JSON.
    public static let normalizationKey = "normalization"
    /// The metadata's key of the record, in JSON.
    public static let recordKey = "record"

    /// A network and its normalization, which must have constants for each of the network's input channels; its record, if
    /// it names the classes, must have a name for each.
    public init(_ network: Network, normalization: Normalization, record: TrainingRecord? = nil) {
        require(
            normalization.means.count == network.configuration.inputChannels,
            "expected constants for \(network.configuration.inputChannels) channels, got \(normalization.means.count)"
        )
        require(
            record.map { Self.isPossible($0, for: network.configuration) } ?? true,
            "expected no class names or \(network.configuration.classCount), got \(record?.classNames ?? [])")
        self.network = network
        self.normalization = normalization
        self.record = record
    }

    private static func isPossible(_ record: TrainingRecord, for network: NetworkConfiguration) -> Bool {
        record.classNames.isEmpty || record.classNames.count == network.classCount
    }

    /// Reads a file that ``save(to:)`` wrote; it may be a pipe.
    ///
    /// - Parameters:
    ///   - file: The path of the file.
    ///   - configuration: The expected network; by default, the one in the file.
    /// - Throws: `CheckpointError`, naming the file and, where a parameter does not fit, the parameter.
    public init(
        contentsOf file: String, expecting configuration: NetworkConfiguration? = nil
    ) throws(CheckpointError) {
        // Opened once: a pipe can be read only once, and a file may be replaced meanwhile.
        let checkpoint = try ParameterFile(file)
        let network: Network
        if let configuration {
            var randomNumbers = RandomNumbers(seed: 0)
            var expected = Network(configuration, using: &randomNumbers)
            try expected.load(from: checkpoint)
            network = expected
        } else {
            network = try Network(from: checkpoint)
        }
        let metadata = checkpoint.file
        guard let normalization: Normalization = try Self.decoded(Self.normalizationKey, in: metadata, file)
        else {
            throw .configuration(path: file, reason: "the metadata has no '\(Self.normalizationKey)'")
        }
        guard normalization.means.count == network.configuration.inputChannels else {
            throw .configuration(
                path: file,
                reason:
                    "expected normalization constants for \(network.configuration.inputChannels) channels, "
                    + "found \(normalization.means.count)")
        }
        let record: TrainingRecord? = try Self.decoded(Self.recordKey, in: metadata, file)
        if let record, !Self.isPossible(record, for: network.configuration) {
            throw .configuration(
                path: file,
                reason:
                    "expected no class names or \(network.configuration.classCount), found \(record.classNames.count)"
            )
        }
        self.init(network, normalization: normalization, record: record)
    }

    /// A value in the metadata, `nil` if it is not there.
    private static func decoded<Value: Decodable>(
        _ key: String, in metadata: Safetensors, _ file: String
    ) throws(CheckpointError) -> Value? {
        guard let text = metadata.metadata(named: key) else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw .configuration(path: file, reason: "the \(key) in the metadata cannot be decoded")
        }
    }

    /// Writes the network, its normalization and its record to a Safetensors file. An existing file is replaced atomically
    /// or, on failure, stays.
    public func save(to file: String) throws {
        var metadata = [Self.normalizationKey: canonicalJSON(normalization)]
        metadata[Self.recordKey] = record.map { canonicalJSON($0) }
        try network.save(to: file, metadata: metadata)
    }
}
