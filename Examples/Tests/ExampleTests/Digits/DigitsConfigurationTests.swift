import ExampleTestSupport
import Foundation
import Terminator
import Testing
import Training
import YAMLConfiguration

/// The options that all programs share: presets, files, single fields.
@Suite struct DigitsConfigurationTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
    }

    private func printed(_ arguments: [String]) throws -> String {
        let outcome = try program.run(["train"] + arguments + ["--print-configuration"])
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        return outcome.output
    }

    @Test func thePresetComesFirstThenTheFileThenTheFields() throws {
        var expected = NetworkPreset.digitsImage.configuration
        #expect(try printed(["--preset", "digits-image"]) == expected.yaml)
        #expect(try printed([]) == NetworkPreset.digitsSequence.configuration.yaml)

        let file = try folder.write(
            Array("{globalHidden: 24, blocks: {1: {dropout: 0.25}, 2: {dropout: 0.5}}}".utf8), to: "n.yaml")
        expected.globalHidden = 24
        expected.blocks[1].dropout = 0.25
        expected.blocks[2].dropout = 0.5
        #expect(try printed(["--config", file, "--preset", "digits-image"]) == expected.yaml)

        expected.blocks[2].dropout = 0.125
        expected.blocks[0].globalLayers = 1
        let settings = ["--set", "blocks.2.dropout=0.125", "--set", "blocks.0.globalLayers=1"]
        #expect(try printed(settings + ["--config", file, "--preset", "digits-image"]) == expected.yaml)
    }

    /// What is printed can be read again.
    @Test func aPrintedConfigurationIsAFile() throws {
        let yaml = try printed(["--preset", "smnist"])
        let file = try folder.write(Array(yaml.utf8), to: "n.yaml")
        #expect(
            try NetworkConfiguration(contentsOf: file, as: YAMLFormat.self)
                == NetworkPreset.sMNIST.configuration)
        #expect(try printed(["--config", file]) == yaml)
    }

    @Test func trainsWhatWasConfigured() throws {
        let setting = ["--set", "globalHidden=8", "--set", "blocks.1.dropout=0.5"]
        let training = try program.run(
            ["train"] + setting + [
                "--epochs", "1", "--validation", "1400", "--output", folder.path, "--quiet",
            ])
        #expect(training.status == 0, "\(training)")
        let model = folder.file("model.safetensors")
        var expected = NetworkPreset.digitsSequence.configuration
        expected.globalHidden = 8
        expected.blocks[1].dropout = 0.5
        #expect(try Network(contentsOf: model).configuration == expected)

        let evaluation = try program.run(["evaluate", model])
        #expect(evaluation.status == 0 && evaluation.output.contains("test accuracy"))
    }

    @Test(arguments: [
        (["--preset", "nothing"], "nothing"),
        (["--set", "blocks.2.dropuot=0.1"], "blocks[2].dropuot: unknown field; the nearest known: dropout"),
        (["--set", "blocks.7.dropout=0.1"], "blocks: expected an index from 0 to 2, found '7'"),
        (["--set", "globalHidden=wide"], "globalHidden: expected a whole number, found 'wide'"),
        (["--set", "blocks.1.skips=[1]"], "blocks[1].skips: expected blocks from 0 to 0, found [1]"),
        (["--set", "globalHidden"], "globalHidden: expected a field and its value"),
        (["--config", "/nowhere.yaml"], "/nowhere.yaml: cannot be read: No such file or directory"),
        (
            ["--set", "classCount=9"],
            "expected a network for samples of shape [1, 64] in 10 classes, found one"
        ),
        (["--preset", "scifar10"], "found one for [3, 1024] in 10"),
    ])
    func refuses(arguments: [String], message: String) throws {
        let outcome = try program.run(["train"] + arguments + ["--output", folder.path])
        #expect(outcome.status > 0 && outcome.output == "")
        #expect(outcome.errors.hasPrefix("error: ") && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}
