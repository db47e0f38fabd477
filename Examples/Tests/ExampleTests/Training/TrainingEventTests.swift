import ExampleTestSupport
import Foundation
import Testing
import Training

/// What a training writes for TensorBoard, read by a reader of the tests.
@Suite struct TrainingEventTests {
    let program: Program
    let task: SmallTask
    /// Five steps an epoch.
    let arguments: [String]
    var log: String { task.folder.file("events") }

    init() throws {
        program = try Program("SequentialMNIST")
        task = try SmallTask()
        try task.writeMNIST()
        arguments =
            try task.arguments(shape: [1, 784]) + [
                "--validation", "4", "--tensorboard", task.folder.file("events"), "--tensorboard-steps", "1",
                "--checkpoint-steps", "1",
            ]
    }

    /// The events of all files, in the order in which TensorBoard reads them.
    func loggedEvents() throws -> [[WireMessage]] {
        try FileManager.default.contentsOfDirectory(atPath: log).sorted().map {
            try events(in: "\(log)/\($0)")
        }
    }

    func number(_ value: WireValue?) -> Int {
        if case .number(let number) = value { Int(number) } else { 0 }
    }

    /// The values of a tag with their steps.
    func values(_ tag: String, in events: [WireMessage]) throws -> [(step: Int, value: WireMessage)] {
        try events.filter { $0[5] != nil }.flatMap { event in
            try event.message(5).messages(1).filter { $0[1]?.text == tag }.map {
                (step: number(event[2]), value: $0)
            }
        }
    }

    @Test func hasStepsEpochsParametersAndKernels() throws {
        let outcome = try program.run(arguments + ["--epochs", "2", "--json"])
        try #require(outcome.status == 0, "\(outcome)")
        let files = try loggedEvents()
        try #require(files.count == 1)
        for tag in ["objective", "loss", "accuracy", "learning rate", "samples per second"] {
            #expect(try values("steps/\(tag)", in: files[0]).map(\.step) == Array(1...10), "\(tag)")
        }
        for tag in [
            "objective", "training loss", "training accuracy", "validation loss", "validation accuracy",
            "learning rate", "samples per second",
        ] {
            #expect(try values("epochs/\(tag)", in: files[0]).map(\.step) == [5, 10], "\(tag)")
        }
        // The epoch's numbers are those that the program says.
        let said = try outcome.outputLines.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["event"] as? String == "epoch" }
        let losses = try values("epochs/training loss", in: files[0]).map { $0.value[2]?.float }
        #expect(losses == said.map { ($0["loss"] as? Double).map { Float($0) } })
        // The steps' means, weighted by samples (8, 8, 8, 8, 4), are the epoch's mean.
        let steps = try values("steps/loss", in: files[0]).map { Double($0.value[2]?.float ?? .nan) }
        let weights = [8.0, 8, 8, 8, 4]
        let mean = zip(steps, weights).reduce(0) { $0 + $1.0 * $1.1 } / 36
        // Five numbers rounded to `Float`, all of them below 8.
        #expect(abs(mean - (said[0]["loss"] as? Double ?? .nan)) < 8 * Double(Float.ulpOfOne))

        let distributions = try values("parameters/classifier/weight", in: files[0])
        #expect(distributions.map(\.step) == [5, 10])
        let histogram = try #require(try distributions.last?.value.message(5))
        #expect(histogram[7]?.doubles?.reduce(0, +) == histogram[3]?.double)
        for block in 0...1 {
            let pictures = try values("hyper-kernels/block \(block)", in: files[0])
            #expect(pictures.map(\.step) == [5, 10])
            let image = try #require(try pictures.last?.value.message(4))
            #expect(number(image[2]) == 784 && number(image[3]) == 3)
            guard case .bytes(let png) = image[4] else { throw ReadingError() }
            #expect(png.prefix(4).elementsEqual([0x89, 0x50, 0x4E, 0x47]))
        }
    }

    /// Means over three steps, which do not end with an epoch: a step that ends one counts like every other.
    @Test func stepsAreAveragedAcrossEpochs() throws {
        func values(everySteps interval: Int) throws -> [String: [(step: Int, value: Double)]] {
            let folder = task.folder.file("events\(interval)")
            let outcome = try program.run(
                arguments + ["--epochs", "2", "--tensorboard", folder, "--tensorboard-steps", "\(interval)"]
                    + ["--output", task.folder.file("output\(interval)")])
            try #require(outcome.status == 0, "\(outcome)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            try #require(names.count == 1)
            let all = try events(in: "\(folder)/\(names[0])")
            return try Dictionary(
                uniqueKeysWithValues: ["steps/objective", "steps/loss", "steps/accuracy"].map { tag in
                    (tag, try self.values(tag, in: all).map { ($0.step, Double($0.value[2]?.float ?? .nan)) })
                })
        }
        let single = try values(everySteps: 1)
        let triple = try values(everySteps: 3)
        // The samples of the steps of an epoch, twice.
        let weights = [8.0, 8, 8, 8, 4, 8, 8, 8, 8, 4]
        for (tag, means) in triple {
            #expect(means.map(\.step) == [3, 6, 9], "\(tag)")
            let ones = try #require(single[tag])
            try #require(ones.map(\.step) == Array(1...10))
            for (step, mean) in means {
                let range = step - 3..<step
                let sum = range.reduce(0) { $0 + ones[$1].value * weights[$1] }
                let expected = sum / range.reduce(0) { $0 + weights[$1] }
                // Four numbers rounded to `Float`, all of them below 16.
                #expect(abs(mean - expected) < 16 * Double(Float.ulpOfOne), "\(tag), step \(step)")
            }
        }
    }

    /// The second file says where it begins, and with what the first has before that every step is there once.
    @Test func goesOnInASecondFile() throws {
        _ = try program.interrupt(
            arguments + ["--epochs", "4"], with: SIGKILL, after: task.checkpoint, results: [task.output, log])
        let outcome = try program.run(arguments + ["--epochs", "4", "--resume"])
        try #require(outcome.status == 0, "\(outcome)")

        let files = try loggedEvents()
        try #require(files.count == 2)
        let start = number(files[1][1][2])
        #expect(number(try files[1][1].message(7)[1]) == 1)
        let said =
            outcome.output.firstMatch(of: #/resumed       after step (\d+)/#).flatMap { Int($0.1) } ?? 0
        #expect(start == said + 1)
        let before = try values("steps/loss", in: files[0]).map(\.step)
        let behind = try values("steps/loss", in: files[1]).map(\.step)
        #expect(before.filter { $0 < start } + behind == Array(1...20))
        let epochs = try files.map { try values("epochs/objective", in: $0).map(\.step) }
        #expect(epochs[0].filter { $0 < start } + epochs[1] == [5, 10, 15, 20])
    }

    /// Events that find no room end a training at the end of an epoch, which the checkpoint has nevertheless.
    @Test func keepsACheckpointWhereEventsFindNoRoom() throws {
        // Events and checkpoints at the ends of epochs alone.
        let arguments =
            arguments + ["--tensorboard-steps", "10000", "--checkpoint-steps", "10000", "--quiet"]
        let many = arguments + ["--epochs", "1000"]
        _ = try program.interrupt(
            many, with: SIGINT, after: task.checkpoint, results: [task.output, log])
        // Room for a checkpoint, and for the events of some epochs.
        let size = try Data(contentsOf: URL(fileURLWithPath: task.checkpoint)).count
        let stopped = try program.run(many + ["--overwrite"], writingAtMost: size / 1024 + 64)
        #expect(stopped.status == 1 && stopped.errorLines.count == 1, "\(stopped)")
        #expect(stopped.errors.contains("events cannot be written: "), "\(stopped)")
        let epochs = try TrainingHistory(contentsOf: task.output + "/history.json").epochs.count
        let resumed = try program.run(arguments + ["--epochs", "\(epochs)", "--resume"])
        #expect(resumed.status == 0, "\(resumed)")
        #expect(resumed.output.contains("resumed       after step \(5 * epochs)\n"), "\(resumed)")
    }

    @Test func refusesAFolderThatIsNone() throws {
        let file = try task.folder.write([1], to: "events")
        let outcome = try program.run(arguments + ["--epochs", "1"])
        // The system's word for a file in the place of a folder.
        #expect(
            outcome.status == 1
                && outcome.errors == "error: --tensorboard: \(file): cannot be created: Not a directory\n",
            "\(outcome)")
        #expect(outcome.errorLines.count == 1)
        #expect(FileManager.default.contents(atPath: file) == Data([1]))
    }
}
