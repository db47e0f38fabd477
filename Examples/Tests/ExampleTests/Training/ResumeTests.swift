import ExampleTestSupport
import Foundation
import Testing
import Training

/// A training survives what ends its program: it goes on from its checkpoint and comes to the same model.
@Suite struct ResumeTests {
    let program: Program
    let task: SmallTask
    /// Six epochs of five steps.
    let arguments: [String]

    init() throws {
        program = try Program("SequentialMNIST")
        task = try SmallTask()
        try task.writeMNIST()
        arguments =
            try task.arguments(shape: [1, 784]) + [
                "--epochs", "6", "--checkpoint-steps", "1", "--quiet",
            ]
    }

    /// What a training gives that nobody interrupts.
    func uninterruptedModel() throws -> Data {
        let outcome = try program.run(arguments)
        try #require(outcome.status == 0, "\(outcome)")
        let model = try bytes(task.model)
        try FileManager.default.removeItem(atPath: task.model)
        return model
    }

    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: task.output).sorted() }
    }

    /// The numbers of the epochs of which the history tells.
    var epochs: [Int] {
        get throws {
            try TrainingHistory(contentsOf: task.output + "/history.json").epochs.map(\.epoch)
        }
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// Starts the training, and sends it a signal once there is a checkpoint.
    func interrupt(with signal: Int32) throws -> Outcome {
        try program.interrupt(arguments, with: signal, after: task.checkpoint, results: [task.output])
    }

    @Test(arguments: [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")])
    func goesOnAfterSignals(signal: Int32, name: String) throws {
        let model = try uninterruptedModel()
        let stopped = try interrupt(with: signal)
        #expect(stopped.status == 128 + signal)
        let message = stopped.errors.firstMatch(
            of: #/^error: stopped by (SIG\w+) after step \d+; --resume continues from /#)
        #expect(message.map { String($0.1) } == name, "\(stopped)")
        #expect(stopped.errors.contains(task.checkpoint) && stopped.errorLines.count == 1)

        let resumed = try program.run(arguments + ["--resume"])
        #expect(resumed.status == 0 && resumed.errors == "", "\(resumed)")
        #expect(resumed.output.contains("resumed       after step "))
        #expect(try bytes(task.model) == model)
        #expect(try files == ["history.json", "model.safetensors"])
        #expect(try epochs == Array(1...6))
    }

    /// Killed at any moment, again and again, the training still comes to its end, and to the same model.
    @Test func goesOnAfterBeingKilled() throws {
        let model = try uninterruptedModel()
        var numbers = SplitMix64.announced(seed: 1)
        _ = try interrupt(with: SIGKILL)
        for _ in 0..<8 {
            guard FileManager.default.fileExists(atPath: task.checkpoint) else { break }
            let running = try program.start(arguments + ["--resume"])
            usleep(UInt32(numbers.next() % 400_000))
            running.send(SIGKILL)
            _ = try running.outcome()
        }
        if FileManager.default.fileExists(atPath: task.checkpoint) {
            let last = try program.run(arguments + ["--resume"])
            #expect(last.status == 0 && last.errors == "", "\(last)")
        }
        #expect(try bytes(task.model) == model)
    }

    /// A checkpoint that finds no room is reported; the one before stays, and the training goes on from there.
    @Test func goesOnAfterAFullDisk() throws {
        let model = try uninterruptedModel()
        _ = try interrupt(with: SIGINT)
        let checkpoint = try bytes(task.checkpoint)
        let filesBefore = try files
        let room = checkpoint.count / 1024 / 2
        let outcome = try program.run(arguments + ["--resume"], writingAtMost: room)
        #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
        #expect(
            outcome.errors.contains("\(task.checkpoint): cannot be written: File too large"), "\(outcome)")
        #expect(try bytes(task.checkpoint) == checkpoint && files == filesBefore)

        let resumed = try program.run(arguments + ["--resume"])
        #expect(resumed.status == 0)
        #expect(try bytes(task.model) == model)
    }

    /// A history that cannot be written ends the training; the checkpoint has all steps, and is one of an epoch that has not
    /// ended, so that the history lacks none in the end.
    @Test func goesOnAfterAHistoryThatCannotBeWritten() throws {
        let model = try uninterruptedModel()
        let history = task.output + "/history.json"
        try FileManager.default.removeItem(atPath: history)
        try FileManager.default.createDirectory(atPath: history, withIntermediateDirectories: false)
        let outcome = try program.run(arguments + ["--checkpoint-steps", "1000"])
        #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
        #expect(outcome.errors.contains("\(history): cannot be written: "), "\(outcome)")

        try FileManager.default.removeItem(atPath: history)
        let resumed = try program.run(arguments + ["--resume"])
        #expect(resumed.status == 0, "\(resumed)")
        #expect(resumed.output.contains("resumed       after step 5\n"), "\(resumed)")
        #expect(try bytes(task.model) == model)
        #expect(try epochs == Array(1...6))
    }

    // MARK: - What is refused

    func expectRefusal(
        _ arguments: [String], saying part: String, from location: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try program.run(arguments)
        #expect(outcome.status > 0 && outcome.errorLines.count == 1, "\(outcome)", sourceLocation: location)
        #expect(outcome.errors.hasPrefix("error: "), sourceLocation: location)
        #expect(outcome.errors.contains(part), "\(outcome.errors)", sourceLocation: location)
    }

    @Test func refusesToGoOnFromNothing() throws {
        try expectRefusal(arguments + ["--resume"], saying: "--resume: expected a checkpoint, found no file")
        // Nor is a folder left without anything in it.
        #expect(!FileManager.default.fileExists(atPath: task.output))
    }

    /// Nothing of these touches the checkpoint.
    @Test func refusesWhatDoesNotFitTheCheckpoint() throws {
        _ = try interrupt(with: SIGINT)
        let checkpoint = try bytes(task.checkpoint)
        try expectRefusal(arguments, saying: "belongs to an unfinished training")
        for (changes, part) in [
            (["--seed", "2"], "seed: expected 2, found 1"),
            (["--batch-size", "4"], "batchSize: expected 4, found 8"),
            (["--validation", "8"], "data: expected 32 samples"),
            (["--set", "blocks.1.dropout=0.5"], "network.blocks[1].dropout: expected 0.5, found 0.25"),
            (["--validation", "8", "--patience", "2"], "selection.keepsBest: expected false, found none"),
        ] {
            try expectRefusal(arguments + ["--resume"] + changes, saying: part)
        }
        let labels = task.data + "/train-labels-idx1-ubyte"
        var changed = try bytes(labels)
        changed[20] = (changed[20] + 1) % 10
        try changed.write(to: URL(fileURLWithPath: labels))
        try expectRefusal(arguments + ["--resume"], saying: "data: expected 40 samples")
        #expect(try bytes(task.checkpoint) == checkpoint)

        try checkpoint.prefix(checkpoint.count - 100).write(to: URL(fileURLWithPath: task.checkpoint))
        try expectRefusal(arguments + ["--resume"], saying: "not a valid Safetensors file")
    }

    @Test func refusesDamagedDataAndOutput() throws {
        let images = task.data + "/t10k-images-idx3-ubyte"
        let whole = try bytes(images)
        try whole.dropLast(1).write(to: URL(fileURLWithPath: images))
        try expectRefusal(arguments, saying: "\(images): truncated: expected 15696 bytes, found 15695")
        try expectRefusal(["evaluate", task.model, "--data", task.data], saying: "No such file")
        try whole.write(to: URL(fileURLWithPath: images))
        try expectRefusal(
            arguments + ["--output", images],
            saying: "--output: \(images): cannot be created: Not a directory")
        try expectRefusal(arguments + ["--data", task.folder.path], saying: "train-images-idx3-ubyte")
        try expectRefusal(
            ["train", "--data", task.data, "--preset", "scifar10"],
            saying: "expected a network for samples of shape [1, 784] in 10 classes, found one for [3, 1024]")
        #expect(!FileManager.default.fileExists(atPath: task.output))
    }

    @Test(arguments: [
        (["--epochs", "0"], "--epochs"), (["--checkpoint-steps", "0"], "--checkpoint-steps"),
        (["--validation", "40"], "found 40"), (["--rate", "nan"], "--rate"), (["--batch-size=-1"], "-1"),
        (["--threads", "0"], "--threads"), (["everything"], "everything"),
    ]) func refusesOptions(options: [String], part: String) throws {
        try expectRefusal(arguments + options, saying: part)
    }
}
