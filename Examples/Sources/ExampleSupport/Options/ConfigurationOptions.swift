import ArgumentParser
import Terminator
import Training
import YAMLConfiguration

// Retroactive: the library, which has this type, knows no command lines.
extension NetworkPreset: @retroactive ExpressibleByArgument {}

/// The options that determine a network, for every command line: first a preset, then a file, then single fields.
public struct ConfigurationOptions: ParsableArguments {
    /// The network to begin with.
    @Option(help: "The network to start from.")
    public var preset: NetworkPreset?
    /// The file whose fields come next.
    @Option(
        help: ArgumentHelp(
            "A YAML or JSON file with fields of the network's configuration.",
            discussion: "Changes fields of --preset; without a preset, missing fields take their defaults.",
            valueName: "file"),
        completion: .file())
    public var config: String?
    /// The single fields that come last.
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A field of the configuration, as in blocks.2.dropout=0.1; may be repeated.",
            valueName: "field=value"))
    public var settings: [String] = []
    /// Whether the result is to be printed, and nothing else done.
    @Flag(help: "Print the resulting configuration in YAML and do nothing else.")
    public var printConfiguration = false

    /// No options.
    public init() {}

    /// Whether any option says something of the network.
    public var areGiven: Bool { preset != nil || config != nil || !settings.isEmpty }

    /// The configuration that results, which is valid.
    ///
    /// - Parameter standard: the preset that is meant where neither a preset nor a file is given.
    /// - Throws: `ConfigurationSourceError` or `ConfigurationError`.
    public func configuration(standard: NetworkPreset) throws -> NetworkConfiguration {
        var configuration: NetworkConfiguration
        if let config, preset == nil {
            configuration = try NetworkConfiguration(contentsOf: config, as: YAMLFormat.self)
        } else {
            configuration = (preset ?? standard).configuration
            if let config { try configuration.update(contentsOf: config, as: YAMLFormat.self) }
        }
        for setting in settings { try configuration.update(setting: setting, as: YAMLFormat.self) }
        try configuration.validate()
        return configuration
    }
}
