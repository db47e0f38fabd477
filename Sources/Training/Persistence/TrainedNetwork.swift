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

    /// The metadata's key of the normalization, in JSON.
    public static let normalizationKey = "normalization"

    /// A network and its normalization, which must have constants for each of the network's input channels.
    public init(_ network: Network, normalization: Normalization) {
        require(
            normalization.means.count == network.configuration.inputChannels,
            "expected constants for \(network.configuration.inputChannels) channels, got \(normalization.means.count)"
        )
        self.network = network
        self.normalization = normalization
    }

    /// Reads a file that ``save(to:)`` wrote.
    ///
    /// - Parameters:
    ///   - file: The path of the file.
    ///   - configuration: The expected network; by default, the one in the file.
    /// - Throws: `CheckpointError`, naming the file and, where a parameter does not fit, the parameter.
    public init(
        contentsOf file: String, expecting configuration: NetworkConfiguration? = nil
    ) throws(CheckpointError) {
        let network: Network
        if let configuration {
            var randomNumbers = RandomNumbers(seed: 0)
            var expected = Network(configuration, using: &randomNumbers)
            try expected.load(from: file)
            network = expected
        } else {
            network = try Network(contentsOf: file)
        }
        let normalization = try Self.normalization(in: file)
        guard normalization.means.count == network.configuration.inputChannels else {
            throw .configuration(
                path: file,
                reason:
                    "expected normalization constants for \(network.configuration.inputChannels) channels, "
                    + "found \(normalization.means.count)")
        }
        self.init(network, normalization: normalization)
    }

    private static func normalization(in file: String) throws(CheckpointError) -> Normalization {
        let text: String?
        do throws(SafetensorsError) {
            text = try Safetensors(contentsOf: file).metadata(named: normalizationKey)
        } catch {
            throw .file(error)
        }
        guard let text else {
            throw .configuration(path: file, reason: "the metadata has no '\(normalizationKey)'")
        }
        do {
            return try JSONDecoder().decode(Normalization.self, from: Data(text.utf8))
        } catch {
            throw .configuration(path: file, reason: "the normalization in the metadata cannot be decoded")
        }
    }

    /// Writes the network and its normalization to a Safetensors file. An existing file is replaced atomically or, on
    /// failure, stays.
    public func save(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys  // equal networks make equal files
        let text = String(decoding: try encoder.encode(normalization), as: UTF8.self)
        try network.save(to: file, metadata: [Self.normalizationKey: text])
    }
}
