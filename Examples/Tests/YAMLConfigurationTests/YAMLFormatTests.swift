import ExampleTestSupport
import Tensors
import Terminator
import Testing
import Training
import YAMLConfiguration

/// Configurations in files and in settings, in YAML and in the JSON that is a part of it.
@Suite struct YAMLFormatTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String, _ name: String = "network.yaml") throws -> String {
        try folder.write(Array(text.utf8), to: name)
    }

    @Test(arguments: NetworkPreset.allCases) func presetsSurviveFiles(preset: NetworkPreset) throws {
        for text in [preset.configuration.yaml, preset.configuration.json] {
            let path = try file(text)
            #expect(try NetworkConfiguration(contentsOf: path, as: YAMLFormat.self) == preset.configuration)
        }
    }

    /// What a person would write: no digits that are not needed, short lists in one line.
    @Test func yamlIsReadable() {
        var configuration = NetworkConfiguration(
            extents: [8, 9], inputChannels: 1, classCount: 10,
            blocks: [BlockConfiguration(channels: 1, expansion: 12, skips: [], dropout: 0.05)])
        configuration.frequencies = .gamma(omega: 2000)
        #expect(
            configuration.yaml.hasPrefix(
                """
                extents: [8, 9]
                inputChannels: 1
                classCount: 10
                blocks:
                - channels: 1
                  expansion: 12
                  globalLayers: 2
                  skips: []
                  dropout: 0.05
                globalHidden: 64
                """))
        #expect(configuration.yaml.contains("frequencies:\n  gamma:\n    omega: 2000.0\n"))
        #expect(configuration.yaml.contains("globalInteraction: centredConvolution\n"))
        #expect(configuration.yaml.contains("evaluationStatistics:\n  running:\n    momentum: 0.1\n"))
    }

    /// Any `Float` is read back as the same.
    @Test func numbersSurvive() throws {
        var numbers = seededNumbers(3)
        for _ in 0..<200 {
            var configuration = NetworkPreset.digitsImage.configuration
            configuration.renormalization.alpha = numbers.uniform(in: -1..<1)
            configuration.renormalization.beta =
                Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next()) & 0x7F7F_FFFF)
            let yaml = try file(configuration.yaml)
            #expect(try NetworkConfiguration(contentsOf: yaml, as: YAMLFormat.self) == configuration)
            let json = try file(configuration.json, "network.json")
            #expect(try NetworkConfiguration(contentsOf: json, as: YAMLFormat.self) == configuration)
        }
    }

    @Test func aFileChangesWhatItNames() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(
            contentsOf: try file(
                """
                # A comment.
                globalHidden: 8
                localSlowNet: {layers: 3}
                blocks:
                  1: {dropout: 0.25}
                frequencies: {gamma: {omega: 1e-1}}
                localKernelSizes:
                - 3
                - 5
                - 7
                - 9
                """), as: YAMLFormat.self)
        var expected = NetworkPreset.digitsSequence.configuration
        expected.globalHidden = 8
        expected.localSlowNet.layers = 3
        expected.blocks[1].dropout = 0.25
        expected.frequencies = .gamma(omega: 0.1)
        expected.localKernelSizes = [3, 5, 7, 9]
        #expect(configuration == expected)
    }

    @Test(arguments: [
        ("blocks.2.dropout=0.125", \NetworkConfiguration.blocks[2].dropout),
        ("blocks[2].dropout=0.125", \.blocks[2].dropout),
        ("renormalization.beta=.125", \.renormalization.beta),
    ])
    func aSettingChangesItsField(
        setting: String, field: WritableKeyPath<NetworkConfiguration, Float> & Sendable
    )
        throws
    {
        var configuration = NetworkPreset.digitsSequence.configuration
        var expected = configuration
        try configuration.update(setting: setting, as: YAMLFormat.self)
        expected[keyPath: field] = 0.125
        #expect(configuration == expected)
    }

    @Test func settingsOfEveryKind() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        for setting in [
            "blocks.2.skips=[0, 1]", "extents.0=32", "keepsCanceledBiases=true",
            "globalInteraction=causalConvolution", "evaluationStatistics=batch",
            "frequencies.gamma.omega=3", "localSlowNet={hidden: 5, layers: 1}",
        ] {
            try configuration.update(setting: setting, as: YAMLFormat.self)
        }
        var expected = NetworkPreset.digitsSequence.configuration
        expected.blocks[2].skips = [0, 1]
        expected.extents = [32]
        expected.keepsCanceledBiases = true
        expected.globalInteraction = .convolution(.causal)
        expected.evaluationStatistics = .batch
        expected.frequencies = .gamma(omega: 3)
        expected.localSlowNet = SlowNetSize(hidden: 5, layers: 1)
        #expect(configuration == expected)
    }

    @Test(arguments: [
        ("dropout", "dropout: expected a field and its value, as in blocks.2.dropout=0.1"),
        ("=3", "=3: expected a field and its value, as in blocks.2.dropout=0.1"),
        (
            "blocks..dropout=3",
            "blocks..dropout=3: expected a field and its value, as in blocks.2.dropout=0.1"
        ),
        (
            "blocks.2.dropuot=0.1",
            "blocks.2.dropuot=0.1: blocks[2].dropuot: unknown field; the nearest known: dropout"
        ),
        ("blocks.3.dropout=0.1", "blocks.3.dropout=0.1: blocks: expected an index from 0 to 2, found '3'"),
        (
            "blocks.last.dropout=0",
            "blocks.last.dropout=0: blocks: expected an index from 0 to 2, found 'last'"
        ),
        (
            "blocks.0.skips.0=0",
            "blocks.0.skips.0=0: blocks[0].skips: expected no index, as there is no element, found '0'"
        ),
        (
            "blocks.2.dropout=high",
            "blocks.2.dropout=high: blocks[2].dropout: expected a number, found 'high'"
        ),
        (
            "blocks.2.dropout=[1]",
            "blocks.2.dropout=[1]: blocks[2].dropout: expected a number, found a list of 1"
        ),
        ("globalHidden=1.5", "globalHidden=1.5: globalHidden: expected a whole number, found '1.5'"),
        ("globalHidden=", "globalHidden=: globalHidden: expected a whole number, found nothing"),
        (
            "globalHidden.layers=1",
            "globalHidden.layers=1: globalHidden: expected a whole number, found a record of layers"
        ),
    ])
    func settingsAreRefused(setting: String, message: String) {
        var configuration = NetworkPreset.digitsSequence.configuration
        let error = #expect(throws: ConfigurationSourceError.self) {
            try configuration.update(setting: setting, as: YAMLFormat.self)
        }
        #expect(error?.description == message)
        #expect(configuration == NetworkPreset.digitsSequence.configuration)
    }

    @Test(arguments: [
        ("", "expected a record of extents"), ("- a", "expected a record of extents"),
        ("{", "expected YAML or JSON, found a mistake: "),
        ("a: *b", "line 1, column 4: expected the name of an anchor, found '*b'"),
        ("extents: [1]\nextents: [2]", "line 2, column 1: the name 'extents' stands twice in a record"),
        ("? [1]\n: 2", "line 1, column 3: expected the name of a field, found a list, a record or an alias"),
        ("globalHidden: 64", "extents: expected a value, found nothing"),
        // Read, but not valid.
        (
            "{extents: [3], inputChannels: 1, classCount: 1, blocks: []}",
            "blocks: expected 1 to 1024 blocks, found 0"
        ),
    ])
    func filesAreRefused(text: String, part: String) throws { try expectRefusal(of: text, saying: part) }

    /// Not arguments of the test above, whose report would repeat them.
    @Test func longFilesAreRefused() throws {
        try expectRefusal(
            of: String(repeating: "[", count: 100_000),
            saying: "expected at most 64 levels of nesting, found more")
        try expectRefusal(
            of: "# " + String(repeating: "long", count: 300_000),
            saying: "expected at most 1048576 bytes, found more")
    }

    private func expectRefusal(
        of text: String, saying part: String, from location: SourceLocation = #_sourceLocation
    ) throws {
        let path = try file(text)
        let error = #expect(throws: ConfigurationSourceError.self, sourceLocation: location) {
            try NetworkConfiguration(contentsOf: path, as: YAMLFormat.self)
        }
        let message = error?.description ?? ""
        #expect(
            message.hasPrefix(path + ": ") && message.contains(part), "\(message)", sourceLocation: location)
        #expect(message.count < 600 && !message.contains("\n"), sourceLocation: location)
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let missing = folder.file("none.yaml")
        let error = #expect(throws: ConfigurationSourceError.self) {
            try NetworkConfiguration(contentsOf: missing, as: YAMLFormat.self)
        }
        #expect(error?.source == missing)
        #expect(error?.reason == .inaccessible("cannot be read: No such file or directory"))
    }
}
