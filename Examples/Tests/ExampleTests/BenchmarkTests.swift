import ExampleTestSupport
import Foundation
import Terminator
import Testing
import Training
import YAMLConfiguration

/// The benchmarks from outside: each on little data in its official format.
@Suite struct BenchmarkTests {
    let task: SmallTask

    init() throws { task = try SmallTask() }

    /// Trains, tests, and tests again what it kept.
    func trainAndEvaluate(_ name: String, shape: [Int], classCount: Int = 10) throws {
        let program = try Program(name)
        let training = try program.run(
            try task.arguments(shape: shape, classCount: classCount) + ["--epochs", "1"])
        try #require(training.status == 0, "\(training)")
        let lines = training.outputLines
        try #require(lines.count == 7, "\(training)")
        #expect(lines[0].wholeMatch(of: /parameters    \d+, \d+ of them in slow nets/) != nil)
        #expect(lines[1].wholeMatch(of: /samples       \d+ to train on, 0 to validate on/) != nil)
        #expect(lines[2].wholeMatch(of: /training      [^,]+ m?s, [1-5] steps/) != nil)
        #expect(lines[3].wholeMatch(of: /peak memory   \d+ MiB/) != nil)
        #expect(lines[4] == "model         \(task.model)")
        #expect(lines[5].wholeMatch(of: /test loss     \d+\.\d{4}/) != nil)
        #expect(lines[6].wholeMatch(of: /test accuracy [01]\.\d{4}/) != nil)
        #expect(training.errorLines.count == 1 && training.errors.hasPrefix("epoch 1/1  objective "))
        // The training is over: there is nothing to go on from.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: task.output).sorted() == [
                "history.json", "model.safetensors",
            ])

        let evaluation = try program.run(["evaluate", task.model, "--data", task.data])
        #expect(evaluation.status == 0 && evaluation.errors == "")
        #expect(evaluation.outputLines.suffix(2) == lines.suffix(2))
    }

    @Test(arguments: ["SequentialMNIST", "PermutedMNIST"]) func trainsOnMNIST(name: String) throws {
        try task.writeMNIST()
        try trainAndEvaluate(name, shape: [1, 784])
    }

    @Test(arguments: [("SequentialCIFAR10", [3, 1024]), ("CIFAR10", [3, 32, 32])])
    func trainsOnCIFAR10(name: String, shape: [Int]) throws {
        try task.writeCIFAR10()
        try trainAndEvaluate(name, shape: shape)
    }

    @Test func trainsOnCIFAR100() throws {
        try task.writeCIFAR100()
        try trainAndEvaluate("CIFAR100", shape: [3, 32, 32], classCount: 100)
    }

    @Test func trainsOnSTL10() throws {
        try task.writeSTL10()
        try trainAndEvaluate("STL10", shape: [3, 96, 96])
    }

    /// The permutation is part of the task: it makes another model of the same data, and the same one every time.
    @Test func permutesPixelsOneWay() throws {
        try task.writeMNIST()
        let arguments = try task.arguments(shape: [1, 784]) + ["--epochs", "1", "--quiet", "--overwrite"]
        let models = try ["PermutedMNIST", "PermutedMNIST", "SequentialMNIST"].map { name in
            let outcome = try Program(name).run(arguments)
            #expect(outcome.status == 0 && outcome.errors == "")
            return try TrainedNetwork(contentsOf: task.model).network.parameters.map(\.tensor.scalars)
        }
        #expect(models[0] == models[1] && models[0] != models[2])
        // The program that trained last is the other one.
        let refused = try Program("PermutedMNIST").run(["evaluate", task.model, "--data", task.data])
        #expect(
            refused.status == 1
                && refused.errors.contains(
                    "found one trained by SequentialMNIST on sequences of pixels, row by row"),
            "\(refused)")
    }

    /// Every line is an object with a name; the accuracies are those that people read.
    @Test func speaksJSON() throws {
        try task.writeMNIST()
        let program = try Program("SequentialMNIST")
        let outcome = try program.run(
            try task.arguments(shape: [1, 784]) + ["--epochs", "2", "--validation", "8", "--json"])
        #expect(outcome.status == 0 && outcome.errors == "")
        let events = try outcome.outputLines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(
            events.map { $0["event"] as? String }
                == ["start", "epoch", "epoch", "trained", "memory", "model", "test"])
        #expect(events[0]["samples"] as? Int == 32 && events[0]["validationSamples"] as? Int == 8)
        #expect(events[1]["epoch"] as? Int == 1 && events[2]["epoch"] as? Int == 2)
        for field in ["objective", "loss", "accuracy", "validationLoss", "validationAccuracy", "seconds"] {
            #expect(events[2][field] is NSNumber, "\(field)")
        }
        let accuracy = try #require(events[6]["accuracy"] as? Double)
        let text = try program.run(["evaluate", task.model, "--data", task.data])
        #expect(text.outputLines.last == "test accuracy " + String(format: "%.4f", accuracy))
    }

    // MARK: - What the programs say of themselves

    @Test(arguments: [
        ("SequentialMNIST", NetworkPreset.sMNIST, "71956"), ("PermutedMNIST", .pMNIST, "71956"),
        ("SequentialCIFAR10", .sCIFAR10, "157330"),
    ]) func describesItsNetwork(name: String, preset: NetworkPreset, parameterCount: String) throws {
        let outcome = try Program(name).run(["info", "--batch-size", "4"])
        #expect(outcome.status == 0 && outcome.errors == "")
        let lines = outcome.outputLines
        #expect(lines[0].hasPrefix("block"))
        let total = lines.compactMap { $0.firstMatch(of: #/^all +(\d+) /#) }.first
        #expect(total.map { String($0.1) } == parameterCount, "\(outcome)")
        #expect(lines.contains { $0.hasPrefix("receptive field  the whole input, ") })
        #expect(lines.last?.wholeMatch(of: /memory           \d+ MiB to train with batches of 4, .*/) != nil)
        let json = try Program(name).run(["info", "--batch-size", "4", "--json"])
        try #require(json.status == 0 && json.outputLines.count == 1, "\(json)")
        let summary = try #require(
            JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(summary["parameters"] as? Int == Int(parameterCount) && summary["event"] as? String == "info")
        let blocks = try #require(summary["blocks"] as? [[String: Any]])
        let groups = try #require(summary["parameterGroups"] as? [String: Int])
        let blockCount = blocks.compactMap { $0["parameters"] as? Int }.reduce(0, +)
        #expect(blockCount + (groups["classifier"] ?? 0) == Int(parameterCount))
        #expect(groups.values.reduce(0, +) == Int(parameterCount))
        #expect((summary["trainingBytes"] as? Int ?? 0) > 1 << 20 && summary["batchSize"] as? Int == 4)
        for command in ["info", "train"] {
            let printed = try Program(name).run([command, "--print-configuration"])
            #expect(printed.output == preset.configuration.yaml)
        }
    }

    @Test(arguments: [
        ("CIFAR10", NetworkPreset.authorsCIFAR10), ("CIFAR100", .authorsCIFAR100), ("STL10", .authorsSTL10),
    ]) func hasTheAuthorsNetwork(name: String, preset: NetworkPreset) throws {
        let printed = try Program(name).run(["info", "--print-configuration"])
        #expect(printed.status == 0 && printed.output == preset.configuration.yaml)
    }

    @Test(arguments: [
        "SequentialMNIST", "PermutedMNIST", "SequentialCIFAR10", "CIFAR10", "CIFAR100", "STL10",
    ]) func helps(name: String) throws {
        let program = try Program(name)
        let overview = try program.run(["--help"])
        #expect(overview.status == 0 && overview.errors == "")
        for command in ["train", "evaluate", "info", "predict", "kernels"] {
            #expect(overview.output.contains("  \(command)"))
            #expect(try program.run([command, "--help"]).status == 0)
        }
        for option in [
            "data", "output", "resume", "checkpoint-steps", "validation", "quiet", "json", "preset",
        ] {
            #expect(try program.run(["train", "--help"]).output.contains("--\(option)"))
        }
    }
}
