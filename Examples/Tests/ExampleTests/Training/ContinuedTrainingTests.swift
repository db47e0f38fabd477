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
        let output = folder.file("begun")
        let outcome = try program.interrupt(
            arguments("begun", ["--epochs", "100"]), with: SIGTERM, after: output + "/history.json",
            results: [output])
        #expect(outcome.status == 128 + SIGTERM)
        // One more, so that there is a smaller number which is not 0.
        let finished = try history("begun").epochs.count
        while try history("begun").epochs.count <= finished {
            let running = try program.start(arguments("begun", ["--resume"]), inShell: "exec \"$0\" \"$@\"")
            usleep(500_000)
            running.send(SIGTERM)
            #expect(try running.outcome().status == 128 + SIGTERM)
        }
        let refused = try program.run(arguments("begun", ["--resume", "--epochs", "\(finished)"]))
        #expect(refused.status == 1 && refused.errors.contains("epochs that were begun"), "\(refused)")
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

    /// No model is kept of an epoch whose checkpoint could not be written: the training that resumes forgets it, and
    /// with another rate it may never be as good again.
    @Test func keepsTheBestOfTheEpochsThatCount() throws {
        let options = [
            "--epochs", "12", "--validation", "700", "--keep", "best", "--checkpoint-steps", "1000000",
        ]
        let output = folder.file("full")
        _ = try program.interrupt(
            arguments("full", options), with: SIGTERM, after: output + "/history.json", results: [output])
        let finished = try history("full").epochs.count
        let before = try model("full")
        // Room for the model, and not for the checkpoint, which has the optimizer's state besides.
        let failed = try program.run(
            arguments("full", options + ["--resume"]), writingAtMost: before.count * 3 / 2 / 1024)
        #expect(
            failed.status == 1 && failed.errors.contains("checkpoint.safetensors: cannot be written"),
            "\(failed)")
        let further = try history("full")
        #expect(further.epochs.count == finished + 1)
        #expect(further.bestEpoch == finished + 1, "the epoch that is forgotten was no better: \(further)")
        #expect(try model("full") == before)
        // The smallest rates change nothing: the best epoch is one before the failure.
        try expectSuccess(arguments("full", options + ["--resume", "--rate", "1e-38"]))
        #expect(try history("full").bestEpoch! <= finished)
        #expect(try model("full") == before)
    }

    /// The checkpoint is written before the model: a training that ended between them writes the model first.
    @Test func writesTheModelThatIsMissing() throws {
        let output = folder.file("output")
        for further in [[], ["--keep", "best"]] {
            let options = ["--epochs", "2", "--validation", "700", "--checkpoint-steps", "1000000"] + further
            try expectSuccess(arguments("output", options + ["--overwrite"]))
            let whole = try model("output")
            try FileManager.default.removeItem(atPath: output)
            // A folder in the model's place keeps it from being written.
            try FileManager.default.createDirectory(
                atPath: output + "/model.safetensors", withIntermediateDirectories: true)
            let failed = try program.run(arguments("output", options + ["--overwrite"]))
            #expect(failed.status == 1 && failed.errors.contains("model.safetensors"), "\(failed)")
            try FileManager.default.removeItem(atPath: output + "/model.safetensors")
            try expectSuccess(arguments("output", options + ["--resume"]))
            #expect(try model("output") == whole)
        }
    }

    /// With a rate that is far too high the validation gets worse before the end.
    @Test func keepsTheBestAndEndsEarly() throws {
        let options = [
            "--epochs", "12", "--rate", "0.1", "--validation", "700", "--keep", "best", "--patience", "2",
        ]
        try expectSuccess(arguments("whole", options))
        let epochs = try history("whole").epochs
        let best = try #require(try history("whole").bestEpoch)
        #expect(epochs.count == min(12, best + 2))
        #expect(epochs.count < 12, "this rate is too low for the test: \(epochs.map(\.validationAccuracy))")
        // The model in the file is that of the best epoch.
        let kept = try TrainedNetwork(contentsOf: folder.file("whole") + "/model.safetensors")
        let data = try DataSet(
            .training, folder: repositoryFolder + "/Examples/Sources/Digits/Data", classCount: 10
        ).asSequences
        let validation = try kept.network.evaluated(
            on: Batches(
                of: data.subset(data.count - 700..<data.count), normalization: kept.normalization,
                batchSize: 128))
        #expect(validation.accuracy == epochs[best - 1].validationAccuracy)
        try expectSuccess(
            arguments("until", ["--epochs", "12", "--rate", "0.1", "--validation", "700", "--patience", "2"]))
        #expect(try model("until") != model("whole"), "the last network is another than the best one")

        try interrupt("resumed", options)
        try expectSuccess(arguments("resumed", options + ["--resume"]))
        #expect(try model("resumed") == model("whole"))
        #expect(try history("resumed").epochs.map(\.validationLoss) == epochs.map(\.validationLoss))
    }
}
