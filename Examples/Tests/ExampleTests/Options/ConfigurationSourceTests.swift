import ExampleTestSupport
import Foundation
import Tensors
import Terminator
import Testing
import Training
import YAMLConfiguration

/// Where a program's configuration may come from: pipes, folders that are none, models.
@Suite struct ConfigurationSourceTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
    }

    @Test func readsPipes() throws {
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let running = try program.start([
            "train", "--preset", "digits-image", "--config", pipe, "--print-configuration",
        ])
        let file = try #require(fopen(pipe, "w"))
        fputs("globalHidden: 2", file)
        fflush(file)
        usleep(50_000)
        fputs("4\n", file)
        fclose(file)
        var expected = NetworkPreset.digitsImage.configuration
        expected.globalHidden = 24
        let outcome = try running.outcome()
        #expect(outcome.status == 0 && outcome.output == expected.yaml, "\(outcome)")
    }

    @Test func refusesFolders() throws {
        let outcome = try program.run(["info", "--config", folder.path])
        #expect(
            outcome.status > 0 && outcome.errors.contains("\(folder.path): cannot be read: Is a directory"))
    }

    /// A model has a configuration of its own; a file that is none is no preset.
    @Test func printsTheConfigurationOfAModel() throws {
        let model = folder.file("model.safetensors")
        var configuration = NetworkPreset.digitsSequence.configuration
        configuration.globalHidden = 7
        var randomNumbers = RandomNumbers(seed: 1)
        try TrainedNetwork(
            Network(configuration, using: &randomNumbers),
            normalization: Normalization(means: [0], deviations: [1])
        ).save(to: model)
        let outcome = try program.run(["info", "--model", model, "--print-configuration"])
        #expect(outcome.status == 0 && outcome.output == configuration.yaml, "\(outcome)")
        let missing = try program.run(["info", "--model", folder.file("none"), "--print-configuration"])
        #expect(
            missing.status > 0 && missing.output == ""
                && missing.errors.contains("No such file or directory"),
            "\(missing)")
    }

    /// The step that measures the memory is not tried where it would need more than this machine has.
    @Test func measuresNoMemoryThatIsNotThere() throws {
        // 12 channels at sixteen million positions: 800 MB a map, 250 GB for ten maps in each of 32 blocks.
        let blocks =
            ["{channels: 1, expansion: 12}"] + Array(repeating: "{channels: 12, expansion: 1}", count: 31)
        let outcome = try program.run([
            "info", "--set", "extents=[16777216]", "--set", "blocks=[\(blocks.joined(separator: ","))]",
            "--set",
            "globalHidden=1", "--set", "interactionSpatialSlowNet={hidden: 1, layers: 1}", "--set",
            "spatialBias=absent",
        ])
        #expect(outcome.status == 0 && outcome.output.contains("more than this machine has"), "\(outcome)")
    }

    /// Networks that no machine holds are refused before anything is allocated.
    @Test(arguments: [
        ("globalHidden=1000000000", "globalHidden: expected 1 to 65536, found 1000000000"),
        ("globalHidden=65536", "expected a network of at most 268435456 parameters"),
        ("localSlowNet.layers=65536", "expected at most 65536 layers in all slow nets"),
        ("extents=[16777216]", "expected maps of at most 268435456 numbers"),
        ("classCount=9223372036854775807", "classCount: expected 1 to 65536"),
        ("blocks.0.expansion=9223372036854775807", "blocks[0].expansion: expected 1 to 65536"),
        ("frequencies.belowNyquist.fraction=1e39", "expected 0 or a number from 1e-45 to 3.4e38"),
        ("globalHidden=064x", "expected a whole number, found '064x'"),
    ])
    func refusesNetworksThatNoMachineHolds(setting: String, part: String) throws {
        for command in ["info", "train"] {
            let outcome = try program.run([command, "--set", setting])
            #expect(
                outcome.status > 0 && outcome.errorLines.count == 1 && outcome.errors.contains(part),
                "\(outcome)")
        }
    }
}
