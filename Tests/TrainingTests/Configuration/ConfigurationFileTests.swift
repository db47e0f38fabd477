import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// Configurations in files and in settings, in JSON.
@Suite struct ConfigurationFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> String {
        try folder.write(Array(text.utf8), to: "network.json")
    }

    @Test(arguments: NetworkPreset.allCases) func presetsSurviveFiles(preset: NetworkPreset) throws {
        let path = folder.file("network.json")
        try preset.configuration.write(to: path)
        #expect(try NetworkConfiguration(contentsOf: path) == preset.configuration)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == preset.configuration.json && text.hasPrefix("{\n  \"blocks\" : ["))
    }

    /// Any `Float` is read back as the same.
    @Test func numbersSurvive() throws {
        var numbers = seededNumbers(3)
        for _ in 0..<200 {
            var configuration = NetworkPreset.digitsImage.configuration
            configuration.renormalization.alpha = numbers.uniform(in: -1..<1)
            configuration.renormalization.beta =
                Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next()) & 0x7F7F_FFFF)
            let path = try file(configuration.json)
            #expect(try NetworkConfiguration(contentsOf: path) == configuration)
        }
    }

    @Test func aFileChangesWhatItNames() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(
            contentsOf: try file(
                """
                {
                  "globalHidden": 8,
                  "localSlowNet": {"layers": 3},
                  "blocks": {"1": {"dropout": 0.25}},
                  "frequencies": {"gamma": {"omega": 1e-1}},
                  "localKernelSizes": [3, 5, 7, 9]
                }
                """))
        var expected = NetworkPreset.digitsSequence.configuration
        expected.globalHidden = 8
        expected.localSlowNet.layers = 3
        expected.blocks[1].dropout = 0.25
        expected.frequencies = .gamma(omega: 0.1)
        expected.localKernelSizes = [3, 5, 7, 9]
        #expect(configuration == expected)
    }

    @Test func settingsOfEveryKind() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        for setting in [
            "blocks.2.skips=[0, 1]", "blocks[2].dropout=0.125", "extents.0=32", "keepsCanceledBiases=true",
            "globalInteraction=causalConvolution", "evaluationStatistics=\"batch\"",
            "frequencies.gamma.omega=3", #"localSlowNet={"hidden": 5, "layers": 1}"#,
            "globalSlowNet=multiscale", "globalKernel.window.gaussian.width=0.25",
            "globalKernel.rates.scales=0.5", "globalKernel.smoothing=5",
        ] {
            try configuration.update(setting: setting)
        }
        var expected = NetworkPreset.digitsSequence.configuration
        expected.blocks[2].skips = [0, 1]
        expected.blocks[2].dropout = 0.125
        expected.extents = [32]
        expected.keepsCanceledBiases = true
        expected.globalInteraction = .convolution(.causal)
        expected.evaluationStatistics = .batch
        expected.frequencies = .gamma(omega: 3)
        expected.localSlowNet = SlowNetSize(hidden: 5, layers: 1)
        expected.globalSlowNet = .multiscale
        expected.globalKernel.window = .gaussian(width: 0.25)
        expected.globalKernel.rates.scales = 0.5
        expected.globalKernel.smoothing = 5
        #expect(configuration == expected)
    }

    @Test(arguments: [
        ("dropout", "expected a field and its value, as in blocks.2.dropout=0.1"),
        ("=3", "expected a field and its value, as in blocks.2.dropout=0.1"),
        ("blocks..dropout=3", "expected a field and its value, as in blocks.2.dropout=0.1"),
        ("blocks.2.dropuot=0.1", "blocks[2].dropuot: unknown field; the nearest known: dropout"),
        ("blocks.3.dropout=0.1", "blocks: expected an index from 0 to 2, found '3'"),
        ("blocks.2.dropout=high", "blocks[2].dropout: expected a number, found 'high'"),
        ("blocks.2.dropout=[1]", "blocks[2].dropout: expected a number, found a list of 1"),
        ("globalHidden=1.5", "globalHidden: expected a whole number, found '1.5'"),
        ("globalHidden=", "globalHidden: expected a whole number, found nothing"),
        ("globalHidden.layers=1", "globalHidden: expected a whole number, found a record of layers"),
        // A name with a quote stays a name.
        (#"glo"bal=1"#, #"glo"bal: unknown field; the nearest known: blocks"#),
    ])
    func settingsAreRefused(setting: String, message: String) {
        var configuration = NetworkPreset.digitsSequence.configuration
        let error = #expect(throws: ConfigurationSourceError.self) {
            try configuration.update(setting: setting)
        }
        #expect(error?.description == "\(setting): \(message)")
        #expect(configuration == NetworkPreset.digitsSequence.configuration)
    }

    @Test(arguments: [
        ("", "expected JSON, found a mistake: "), ("{", "expected JSON, found a mistake: "),
        ("{}x", "expected JSON, found a mistake: "), ("extents: [1]", "expected JSON, found a mistake: "),
        (#"{"extents": [1], "extents": [2]}"#, "the name 'extents' stands twice in a record"),
        (
            #"{"blocks": [{"skips" : [{"a:\\": "}"}, "\"b\""], "\u0073kips": 1}]}"#,
            "the name 'skips' stands twice"
        ),
        ("[]", "expected a record of extents"), ("1", "expected a record of extents"),
        (#"{"globalHidden": 64}"#, "extents: expected a value, found nothing"),
        // Read, but not valid.
        (
            #"{"extents": [3], "inputChannels": 1, "classCount": 1, "blocks": []}"#,
            "blocks: expected 1 to 1024 blocks, found 0"
        ),
    ])
    func filesAreRefused(text: String, part: String) throws { try expectRefusal(of: text, saying: part) }

    /// Not arguments of the test above, whose report would repeat them.
    @Test func longAndBinaryFilesAreRefused() throws {
        try expectRefusal(
            of: "{\"extents\": \0}", saying: "line 1, column 13: expected a value, found the byte 0")
        try expectRefusal(
            of: String(repeating: "[", count: 100_000), saying: "expected JSON, found a mistake: ")
        try expectRefusal(
            of: String(repeating: " ", count: 1 << 21),
            saying: "expected at most 1048576 bytes, found more")
    }

    private func expectRefusal(
        of text: String, saying part: String, from location: SourceLocation = #_sourceLocation
    ) throws {
        let path = try file(text)
        let error = #expect(throws: ConfigurationSourceError.self, sourceLocation: location) {
            try NetworkConfiguration(contentsOf: path)
        }
        let message = error?.description ?? ""
        #expect(
            message.hasPrefix(path + ": ") && message.contains(part), "\(message)", sourceLocation: location)
        #expect(message.count < 600 && !message.contains("\n"), sourceLocation: location)
    }

    @Test func filesThatCannotBeUsedAreNamed() throws {
        let missing = folder.file("none.json")
        #expect(
            throws: ConfigurationSourceError(
                source: missing, reason: .inaccessible("cannot be read: No such file or directory"))
        ) {
            try NetworkConfiguration(contentsOf: missing)
        }
        let unwritable = folder.file("none/network.json")
        let error = #expect(throws: ConfigurationSourceError.self) {
            try NetworkPreset.sMNIST.configuration.write(to: unwritable)
        }
        #expect(error?.source == unwritable)
    }
}
