import ExampleTestSupport
import Foundation
import Testing
import Training

/// Trainings go on with other schedules, from other models, and end where nothing gets better.
@Suite struct ContinuedTrainingTests {
    private let program: Program
    private let folder: TemporaryFolder

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
    }

    private func arguments(_ name: String, _ further: [String]) -> [String] {
        ["train", "--batch-size", "256", "--checkpoint-steps", "1", "--quiet", "--output", folder.file(name)]
            + further
    }

    private func model(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name) + "/model.safetensors"))
    }

    private func history(_ name: String) throws -> TrainingHistory {
        try TrainingHistory(contentsOf: folder.file(name) + "/history.json")
    }

    private func interrupt(_ name: String, _ further: [String]) throws {
        _ = try program.interrupt(
            arguments(name, further), with: SIGTERM, after: folder.file(name) + "/checkpoint.safetensors",
            results: [folder.file(name)])
    }

    private func expectSuccess(_ arguments: [String], at location: SourceLocation = #_sourceLocation) throws {
        let outcome = try program.run(arguments)
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)", sourceLocation: location)
    }

    /// Without `--epochs` and `--rate`, a training keeps its own: the model is that of an uninterrupted one. With them, the
    /// remaining steps have the rates of the new schedule.
    @Test func changesTheScheduleOnlyIfAsked() throws {
        try expectSuccess(arguments("whole", ["--epochs", "3", "--rate", "0.002"]))
        try interrupt("kept", ["--epochs", "3", "--rate", "0.002"])
        try expectSuccess(arguments("kept", ["--resume"]))
        #expect(try model("kept") == model("whole"))

        try interrupt("longer", ["--epochs", "3", "--rate", "0.002"])
        try expectSuccess(arguments("longer", ["--resume", "--epochs", "4", "--rate", "0.001"]))
        let epochs = try history("longer").epochs
        #expect(epochs.map(\.epoch) == [1, 2, 3, 4])
        // The last step's rate by the formula of a half cosine that began after a twentieth of the new number of steps.
        let steps = epochs.last!.step, warmUp = steps / 20
        let expected = 0.001 * (1 + cos(.pi * Double(steps - 1 - warmUp) / Double(steps - warmUp))) / 2
        #expect(abs(Double(epochs.last!.learningRate) - expected) < 1e-9)

        try interrupt("shorter", ["--epochs", "30"])
        let refused = try program.run(arguments("shorter", ["--resume", "--epochs", "0"]))
        #expect(refused.status == 64)
    }

    @Test func refusesFewerEpochsThanWereBegun() throws {
        let name = "begun"
        let outcome = try program.interrupt(
            arguments(name, ["--epochs", "100"]), with: SIGTERM, after: folder.file(name) + "/history.json",
            results: [folder.file(name)])
        #expect(outcome.status == 128 + SIGTERM)
        let finished = try history(name).epochs.count
        // The signal may have come after the first step of the next epoch, or later.
        let refused = try program.run(arguments(name, ["--resume", "--epochs", "\(finished)"]))
        if refused.status != 0 {
            #expect(refused.status == 1 && refused.errors.contains("epochs that were begun"), "\(refused)")
        }
    }

    /// A training starts from a model: from its parameters, its statistics and its normalization.
    @Test func startsFromAModel() throws {
        try expectSuccess(arguments("first", ["--epochs", "1"]))
        let file = folder.file("first") + "/model.safetensors"
        try expectSuccess(arguments("second", ["--epochs", "1", "--from", file, "--validation", "700"]))
        #expect(try model("second") != model("first"))
        let (first, second) = (
            try TrainedNetwork(contentsOf: file),
            try TrainedNetwork(contentsOf: folder.file("second") + "/model.safetensors")
        )
        // Other samples would have another normalization.
        #expect(second.normalization == first.normalization)

        // Interrupted, it keeps that normalization without being told again.
        try interrupt("third", ["--epochs", "1", "--from", file, "--validation", "700"])
        try expectSuccess(arguments("third", ["--resume", "--validation", "700"]))
        #expect(try model("third") == model("second"))

        let refused = try program.run(arguments("fourth", ["--from", file, "--set", "globalHidden=7"]))
        #expect(
            refused.status == 1 && refused.errors.contains("globalHidden: expected 7, found 32"), "\(refused)"
        )
    }

    /// With a rate that is far too high the validation gets worse before the end.
    @Test func keepsTheBestAndEndsEarly() throws {
        let options = [
            "--epochs", "12", "--rate", "0.2", "--validation", "700", "--keep", "best", "--patience", "2",
        ]
        try expectSuccess(arguments("whole", options))
        let epochs = try history("whole").epochs
        let best = try #require(try history("whole").bestEpoch)
        #expect(epochs.count == min(12, best + 2))
        #expect(epochs.count < 12, "this rate is too low for the test: \(epochs.map(\.validationAccuracy))")
        // The model is that of the best epoch.
        let test = try program.run(["evaluate", folder.file("whole") + "/model.safetensors", "--json"])
        #expect(test.status == 0)
        try expectSuccess(
            arguments("until", ["--epochs", "12", "--rate", "0.2", "--validation", "700", "--patience", "2"]))
        #expect(try model("until") != model("whole"), "the last network is another than the best one")

        try interrupt("resumed", options)
        try expectSuccess(arguments("resumed", options + ["--resume"]))
        #expect(try model("resumed") == model("whole"))
        #expect(try history("resumed").epochs.map(\.validationLoss) == epochs.map(\.validationLoss))
    }
}
