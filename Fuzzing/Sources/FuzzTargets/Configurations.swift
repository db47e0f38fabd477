import Terminator
import Training
import YAMLConfiguration

extension FuzzTarget {
    /// Configurations in both formats, whole and by fields.
    static let configurations = [
        FuzzTarget("json-configuration") { bytes in try readConfiguration(bytes, as: JSONFormat.self) },
        FuzzTarget("yaml-configuration") { bytes in try readConfiguration(bytes, as: YAMLFormat.self) },
        FuzzTarget("json-setting") { bytes in try takeSetting(bytes, as: JSONFormat.self) },
        FuzzTarget("yaml-setting") { bytes in try takeSetting(bytes, as: YAMLFormat.self) },
    ]

    private static func readConfiguration<Format: ConfigurationFormat>(
        _ bytes: UnsafeRawBufferPointer, as format: Format.Type
    ) throws {
        let file = InputFolder.write(bytes)
        var updated = NetworkPreset.sMNIST.configuration
        try? updated.update(contentsOf: file, as: format)
        let configuration = try NetworkConfiguration(contentsOf: file, as: format)
        checkReadsBack(configuration)
    }

    private static func takeSetting<Format: ConfigurationFormat>(
        _ bytes: UnsafeRawBufferPointer, as format: Format.Type
    ) throws {
        var configuration = NetworkPreset.sMNIST.configuration
        try configuration.update(setting: String(decoding: bytes, as: UTF8.self), as: format)
        try configuration.validate()
        checkReadsBack(configuration)
    }

    /// What is valid can be written in both formats, and reads back equal.
    private static func checkReadsBack(_ configuration: NetworkConfiguration) {
        let json = InputFolder.write(Array(configuration.json.utf8), to: "copy")
        precondition(withoutError { try NetworkConfiguration(contentsOf: json) } == configuration)
        let yaml = InputFolder.write(Array(configuration.yaml.utf8), to: "copy")
        precondition(
            withoutError { try NetworkConfiguration(contentsOf: yaml, as: YAMLFormat.self) } == configuration)
    }
}
