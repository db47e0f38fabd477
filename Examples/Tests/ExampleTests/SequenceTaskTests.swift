import ExampleTestSupport
import Foundation
import Terminator
import Testing
import Training
import YAMLConfiguration

/// The benchmarks that draw their sequences, from outside.
@Suite struct SequenceTaskTests {
    let folder: TemporaryFolder
    var output: String { folder.file("output") }
    var model: String { output + "/model.safetensors" }
    var checkpoint: String { output + "/checkpoint.safetensors" }

    init() throws { folder = try TemporaryFolder() }

    var arguments: [String] {
        [
            "train", "--length", "30", "--samples", "64", "--test-samples", "50", "--epochs", "3",
            "--batch-size", "16", "--output", output, "--quiet",
        ]
    }

    /// The file alone says the same of the test's sequences as the training did.
    @Test func learnsToAdd() throws {
        let program = try Program("AddingProblem")
        let training = try program.run(
            arguments + ["--epochs", "20", "--samples", "640", "--validation", "40"])
        try #require(training.status == 0 && training.errors == "", "\(training)")
        let lines = training.outputLines
        try #require(lines.count == 6, "\(training)")
        #expect(lines[1] == "samples       600 to train on, 40 to validate on")
        let found = lines[5].wholeMatch(of: /test loss     (\d\.\d{6}), the mean squared error/)?.1
        // Whoever says 1 always has 1/6.
        #expect(try #require(found.flatMap { Double($0) }) < 0.1, "\(lines[5])")
        let evaluation = try program.run(["evaluate", model, "--test-samples", "50"])
        #expect(evaluation.status == 0 && evaluation.outputLines.last == lines[5], "\(evaluation)")
        #expect(try program.run(["evaluate", model]).outputLines.last != lines[5])
    }

    /// Of 500 symbols a network that remembers nothing has 62 right, with a deviation of 7.
    @Test func learnsToCopy() throws {
        let program = try Program("CopyMemory")
        let training = try program.run(arguments + ["--epochs", "8", "--samples", "480"])
        try #require(training.status == 0 && training.errors == "", "\(training)")
        let lines = training.outputLines
        let found = lines.last?.wholeMatch(of: /test accuracy ([01]\.\d{4})/)?.1
        #expect(try #require(found.flatMap { Double($0) }) > 0.3, "\(lines)")
        #expect(try TrainedNetwork(contentsOf: model).network.configuration.extents == [50])
        let evaluation = try program.run(["evaluate", model, "--test-samples", "50"])
        #expect(evaluation.outputLines.suffix(2) == lines.suffix(2))
    }

    @Test(arguments: ["AddingProblem", "CopyMemory"]) func goesOnToTheSameModel(name: String) throws {
        let program = try Program(name)
        let steps = arguments + ["--checkpoint-steps", "1"]
        #expect(try program.run(steps).status == 0)
        let whole = try Data(contentsOf: URL(fileURLWithPath: model))
        try FileManager.default.removeItem(atPath: model)
        let stopped = try program.interrupt(steps, with: SIGINT, after: checkpoint, results: [output])
        #expect(stopped.status == 128 + SIGINT, "\(stopped)")

        let refused = try program.run(steps + ["--resume", "--seed", "2"])
        #expect(refused.status != 0 && refused.errors.contains("seed: expected 2, found 1"))
        let resumed = try program.run(steps + ["--resume"])
        #expect(resumed.status == 0 && resumed.errors == "", "\(resumed)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)) == whole)
    }

    /// Numbers have no accuracy; progress and events say so alike.
    @Test func speaksOfErrors() throws {
        let program = try Program("AddingProblem")
        let loud = arguments.filter { $0 != "--quiet" } + ["--epochs", "1", "--validation", "8"]
        let text = try program.run(loud)
        #expect(
            text.errors.wholeMatch(
                of:
                    #/epoch 1/1  objective \d+\.\d{4}  training loss \d+\.\d{6}  validation loss \d+\.\d{6}  .*\n/#
            ) != nil, "\(text)")
        let events = try program.run(loud + ["--json", "--overwrite"]).outputLines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(
            events.map { $0["event"] as? String } == ["start", "epoch", "trained", "memory", "model", "test"])
        #expect(events[1]["loss"] is NSNumber && events[1]["validationLoss"] is NSNumber)
        #expect(events[1]["accuracy"] == nil && events[5]["accuracy"] == nil && events[5]["loss"] is NSNumber)
    }

    @Test(arguments: [
        (["--length", "1"], "from 2 to 1048576"), (["--samples", "0"], "'--samples <samples>'"),
        (["--test-samples", "0"], "--test-samples"),
        (
            ["--samples", "16777216"],
            "expected at most 268435456 positions in all, found 16777216 sequences of 30"
        ),
        (["--seed", "9103849543753007105"], "expected another than that of the test"),
        (["--preset", "authors-cifar10"], "square images for the matrix product, found extents [30]"),
        (["--preset", "smnist"], "expected a network for samples of shape [2, 30] in 1 classes"),
        (["--set", "readout=positions"], "expected a network with the readout pooled, found positions"),
    ]) func refuses(options: [String], part: String) throws {
        let outcome = try Program("AddingProblem").run(arguments + options)
        #expect(
            outcome.status != 0 && outcome.errorLines.count == 1 && outcome.errors.contains(part),
            "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    /// Where the command line says no length, the network's file does.
    @Test func readsTheNetworksLength() throws {
        let options = [
            "train", "--set", "extents=[12]", "--samples", "8", "--epochs", "1", "--output", output,
        ]
        #expect(try Program("AddingProblem").run(options + ["--test-samples", "4"]).status == 0)
        #expect(try TrainedNetwork(contentsOf: model).network.configuration.extents == [12])
        let outcome = try Program("CopyMemory").run(options)
        #expect(outcome.status != 0 && outcome.errors.contains("expected a network for sequences of 21 to"))
    }

    /// A network stays one for the length that it was made for.
    @Test(arguments: ["fixed", "resampled"]) func startsFromModelsOfItsLength(bias: String) throws {
        let program = try Program("AddingProblem")
        #expect(
            try program.run(arguments + ["--epochs", "1", "--set", "spatialBias=\(bias)"]).status == 0)
        let further = ["--from", model, "--epochs", "1", "--output", folder.file("further")]
        let refused = try program.run(arguments + further + ["--length", "40"])
        #expect(
            refused.status == 1
                && refused.errors
                    == "error: \(model): its network has another configuration: extents[0]: expected 40, found 30\n",
            "\(refused)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("further")))
        let longer = try program.run(arguments + further)
        #expect(longer.status == 0 && longer.errors == "", "\(longer)")
    }

    /// The networks of one task are refused by the other.
    @Test func refusesTheOthersModels() throws {
        #expect(try Program("AddingProblem").run(arguments + ["--epochs", "1"]).status == 0)
        let outcome = try Program("CopyMemory").run(["evaluate", model])
        #expect(
            outcome.status != 0 && outcome.errors.contains("found one trained by AddingProblem")
        )
    }

    @Test(arguments: [
        ("AddingProblem", NetworkPreset.addingProblem), ("CopyMemory", .copyMemory),
    ]) func describesItsNetwork(name: String, preset: NetworkPreset) throws {
        let program = try Program(name)
        let outcome = try program.run(["info", "--batch-size", "2"])
        #expect(outcome.status == 0 && outcome.outputLines.last?.hasPrefix("memory ") == true, "\(outcome)")
        #expect(try program.run(["train", "--print-configuration"]).output == preset.configuration.yaml)
    }
}
