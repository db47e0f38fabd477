import ExampleTestSupport
import Foundation
import Testing
import Training

/// A training has its folder for itself, and replaces nothing unasked.
@Suite struct TrainingFolderTests {
    private let program: Program
    private let folder: TemporaryFolder
    private var output: String { folder.file("output") }
    private var model: String { output + "/model.safetensors" }

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
    }

    private func train(_ further: [String] = []) throws -> Outcome {
        try program.run(
            ["train", "--batch-size", "256", "--epochs", "1", "--quiet", "--output", output] + further)
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: output).sorted() }
    }

    @Test func replacesFinishedModelsOnlyIfAsked() throws {
        #expect(try train().status == 0)
        let first = try bytes(model)
        let refused = try train(["--seed", "2"])
        #expect(refused.status == 64 && refused.errors.contains("\(model) is there already"), "\(refused)")
        #expect(try bytes(model) == first)
        let replaced = try train(["--seed", "2", "--overwrite"])
        #expect(replaced.status == 0, "\(replaced)")
        #expect(try bytes(model) != first)
        #expect(try files == ["history.json", "model.safetensors"])
    }

    /// The folder is locked by this process, as another training would.
    @Test func waitsForNobody() throws {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
        let lock = try FolderLock(output)
        let refused = try train()
        #expect(
            refused.status == 1
                && refused.errors == "error: \(output): another program is using this folder\n")
        #expect(try files == [])
        withExtendedLifetime(lock) {}
    }

    /// Two trainings at once, from beginning to end: the second is refused, and the first one's model is that of a
    /// training that was alone. So for the folder of event files.
    @Test(arguments: [true, false]) func refusesASecondTraining(isOutputShared: Bool) throws {
        let events = folder.file("events")
        let options = ["--tensorboard", events, "--epochs", "40", "--checkpoint-steps", "1"]
        let arguments = ["train", "--batch-size", "256", "--quiet"] + options
        let first = try program.start(arguments + ["--output", output])
        while first.isRunning, !FileManager.default.fileExists(atPath: output + "/history.json") {
            usleep(1000)
        }
        let other = isOutputShared ? output : folder.file("other")
        let second = try program.run(
            arguments + ["--seed", "2", "--output", other, "--overwrite"])
        #expect(first.isRunning, "the first training was too short")
        #expect(
            second.status == 1
                && second.errors
                    == "error: \(isOutputShared ? output : events): another program is using this folder\n",
            "\(second)")
        first.send(SIGTERM)
        #expect(try first.outcome().status == 128 + SIGTERM)
        #expect(try FileManager.default.contentsOfDirectory(atPath: events).count == 1)
        #expect(try TrainingHistory(contentsOf: output + "/history.json").epochs.map(\.epoch).first == 1)
    }

    /// The events may be beside the model.
    @Test func keepsEventsInTheSameFolder() throws {
        let outcome = try train(["--tensorboard", output + "/../output"])
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        #expect(try files.contains { $0.hasPrefix("events.out.tfevents.") })
    }

    /// What a killed training left is removed; what belongs to a living process, or to nobody known, stays.
    @Test func removesWhatKilledTrainingsLeft() throws {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
        // The largest number that Linux gives to processes is below this one.
        let names = [".replacement-4194305-1", ".replacement-\(getpid())-2", ".replacement-x", ".other"]
        for name in names { try Data([1]).write(to: URL(fileURLWithPath: output + "/" + name)) }
        #expect(try train().status == 0)
        #expect(try files == names.dropFirst().sorted() + ["history.json", "model.safetensors"])
    }

    /// A training that has only begun is not taken for a finished one.
    @Test func beginsWithACheckpoint() throws {
        let checkpoint = output + "/checkpoint.safetensors"
        _ = try program.interrupt(
            ["train", "--batch-size", "256", "--epochs", "200", "--quiet", "--output", output], with: SIGKILL,
            after: checkpoint, results: [output])
        let refused = try train()
        #expect(refused.status == 64 && refused.errors.contains("belongs to an unfinished training"))
        #expect(try train(["--overwrite"]).status == 0)
        #expect(try files == ["history.json", "model.safetensors"])
    }

    @Test func refusesOptionsThatContradict() throws {
        for (options, part) in [
            (["--resume", "--overwrite"], "--overwrite"), (["--resume", "--from", "x"], "--from"),
            (["--keep", "best"], "--validation"), (["--patience", "1"], "--validation"),
            (["--patience", "0", "--validation", "9"], "--patience"), (["--keep", "some"], "--keep"),
        ] {
            let refused = try train(options)
            #expect(refused.status == 64 && refused.errors.contains(part), "\(options): \(refused)")
        }
        #expect(!FileManager.default.fileExists(atPath: output))
    }
}
