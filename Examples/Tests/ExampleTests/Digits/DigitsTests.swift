import ExampleTestSupport
import Foundation
import Testing

/// The digits program from outside: its command line, what it prints and what it leaves behind.
@Suite struct DigitsTests {
    let program: Program
    let folder: TemporaryFolder
    var model: String { folder.path + "/model.safetensors" }

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
    }

    @Test(arguments: ["sequence", "image"]) func trainsAndEvaluates(form: String) throws {
        let training = try program.run([
            "train", "--preset", "digits-\(form)", "--epochs", "1", "--output", folder.path,
        ])
        #expect(training.status == 0)
        let lines = training.outputLines
        try #require(lines.count == 7, "\(training)")
        #expect(lines[0].wholeMatch(of: /parameters    \d+, \d+ of them in slow nets/) != nil)
        #expect(lines[1] == "samples       1437 to train on, 0 to validate on")
        #expect(lines[2].wholeMatch(of: /training      [^,]+ m?s, 23 steps/) != nil)
        #expect(lines[3].wholeMatch(of: /peak memory   \d+ MiB/) != nil)
        #expect(lines[4] == "model         \(model)")
        #expect(lines[5].wholeMatch(of: /test loss     \d\.\d{4}/) != nil)
        let accuracy = try #require(lines[6].wholeMatch(of: /test accuracy ([01]\.\d{4})/)?.1)
        // One of ten classes, guessed, is 0.1; one epoch gives more than twice that.
        #expect(try #require(Double(accuracy)) > 0.25)
        // Not a terminal: a line for the epoch, and no bar.
        #expect(training.errorLines.count == 1)
        #expect(training.errors.hasPrefix("epoch 1/1  objective ") && !training.errors.contains("\r"))

        // The file alone says the same of the test data, to the last digit.
        let evaluation = try program.run(["evaluate", model])
        #expect(evaluation.status == 0 && evaluation.errors == "")
        #expect(evaluation.outputLines.suffix(2) == lines.suffix(2))
    }

    @Test func givesTheSameFileForAnyNumberOfThreads() throws {
        var files: [Data] = []
        for threads in ["1", "2", "3"] {
            let outcome = try program.run([
                "train", "--epochs", "1", "--validation", "1000", "--threads", threads, "--output",
                folder.path, "--quiet", "--overwrite",
            ])
            #expect(outcome.status == 0 && outcome.errors == "")
            files.append(try Data(contentsOf: URL(fileURLWithPath: model)))
        }
        #expect(files[0] == files[1] && files[0] == files[2])
        _ = try program.run([
            "train", "--epochs", "1", "--validation", "1000", "--seed", "2", "--output", folder.path,
            "--quiet", "--overwrite",
        ])
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)) != files[0])
    }

    @Test func helps() throws {
        let outcome = try program.run(["train", "--help"])
        #expect(outcome.status == 0 && outcome.errors == "")
        for option in [
            "epochs", "batch-size", "rate", "seed", "threads", "validation", "data", "output",
            "resume", "quiet", "json", "preset", "config", "set", "print-configuration",
        ] {
            #expect(outcome.output.contains("--\(option)"))
        }
    }
}
