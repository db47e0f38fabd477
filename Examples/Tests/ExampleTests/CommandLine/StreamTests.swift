import ExampleTestSupport
import Foundation
import Testing

/// Programs whose output goes nowhere: lost progress is no error, a lost result is one.
@Suite struct StreamTests {
    let program: Program
    let folder: TemporaryFolder
    var output: String { folder.file("output") }
    var model: String { output + "/model.safetensors" }

    init() throws {
        program = try Program("CopyMemory")
        folder = try TemporaryFolder()
    }

    /// Four steps an epoch.
    func training(_ epochs: Int) -> [String] {
        [
            "train", "--length", "30", "--samples", "64", "--test-samples", "50", "--batch-size", "16",
            "--epochs", "\(epochs)", "--checkpoint-steps", "1", "--output", output,
        ]
    }

    /// The training came to its end and left its model, and no checkpoint.
    func expectTrained(from location: SourceLocation = #_sourceLocation) throws {
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: output).sorted() == [
                "history.json", "model.safetensors",
            ], sourceLocation: location)
    }

    @Test(arguments: ["2> /dev/full", "2>&-"]) func losesProgress(redirection: String) throws {
        let outcome = try program.run(training(2), inShell: "exec \"$0\" \"$@\" \(redirection)")
        #expect(outcome.status == 0 && outcome.outputLines.count == 7, "\(outcome)")
        try expectTrained()
    }

    /// The training is whole, but its results were not told.
    @Test(arguments: [
        ("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor"),
    ]) func reportsLostResults(redirection: String, reason: String) throws {
        let outcome = try program.run(training(2), inShell: "exec \"$0\" \"$@\" \(redirection)")
        #expect(outcome.status == 1, "\(outcome)")
        #expect(
            outcome.errorLines.last == "error: standard output cannot be written: \(reason)", "\(outcome)")
        #expect(outcome.errorLines.count == 3)
        try expectTrained()
    }

    /// Nobody reads either stream; what is lost of the results is reported by the exit code.
    @Test(arguments: ["", "trap '' PIPE; "]) func trainsWithoutReaders(trap: String) throws {
        // The status goes another way than what the program says, whose reader ends at once.
        let script = trap + "{ { \"$0\" \"$@\" 2>&1; echo $? >&3; } | true; } 3>&1"
        let outcome = try program.run(training(3), inShell: script)
        #expect(outcome.output == "1\n", "\(outcome)")
        try expectTrained()
    }

    /// What a command is run for cannot be told: it fails and says why.
    @Test(arguments: [
        ["info"], ["info", "--json"], ["info", "--print-configuration"], ["train", "--print-configuration"],
        ["--help"], ["train", "--help"], ["--version"], ["--generate-completion-script", "bash"],
    ]) func failsWithoutRoom(arguments: [String]) throws {
        let outcome = try program.run(arguments, inShell: "exec \"$0\" \"$@\" > /dev/full")
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors == "error: standard output cannot be written: No space left on device\n")
    }

    @Test func failsWithoutRoomForTests() throws {
        #expect(try program.run(training(1)).status == 0)
        for arguments in [
            ["evaluate", model, "--test-samples", "20"],
            ["kernels", model, "--output", folder.file("kernels")],
        ] {
            let outcome = try program.run(arguments, inShell: "exec \"$0\" \"$@\" > /dev/full")
            #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("standard output cannot be written: No space left on device"))
        }
        let fitting = try Program("KernelFitting").run(
            ["fit", "--net", "siren", "--steps", "2"], inShell: "exec \"$0\" \"$@\" > /dev/full")
        #expect(fitting.status == 1 && fitting.errorLines.count == 1, "\(fitting)")
    }

    /// A reader that has seen enough ends the program, as it ends others: without a word, by SIGPIPE (13). If the program
    /// was started to ignore that signal, it fails with a message.
    @Test func endsQuietlyWithItsReader() throws {
        // The first reader leaves before anything is written.
        let script = "{ { \"$0\" \"$@\"; echo $? >&3; } | true; } 3>&1"
        let outcome = try program.run(["info"], inShell: script)
        #expect(outcome.output == "141\n" && outcome.errors == "", "\(outcome)")
        let ignoring = try program.run(["info"], inShell: "trap '' PIPE; " + script)
        #expect(ignoring.output == "1\n", "\(ignoring)")
        #expect(ignoring.errors == "error: standard output cannot be written: Broken pipe\n")
    }

    /// A file that was opened in the place of a closed stream would get what is said.
    @Test func keepsFilesApartFromClosedStreams() throws {
        let outcome = try program.run(training(2) + ["--json"], inShell: "exec \"$0\" \"$@\" <&- >&- 2>&-")
        #expect(outcome.status == 1)
        try expectTrained()
        let evaluation = try program.run(["evaluate", model, "--test-samples", "20"])
        #expect(evaluation.status == 0, "\(evaluation)")
    }

    // MARK: - Hang-ups

    /// As `nohup` starts it, a training does not end with its terminal.
    @Test(arguments: [("HUP", SIGHUP), ("INT", SIGINT)])
    func ignoresWhatItWasStartedToIgnore(name: String, signal: Int32) throws {
        let running = try program.start(training(8), inShell: "trap '' \(name); exec \"$0\" \"$@\"")
        while running.isRunning, !FileManager.default.fileExists(atPath: output + "/checkpoint.safetensors") {
            usleep(1000)
        }
        for _ in 0..<3 {
            running.send(signal)
            usleep(10_000)
        }
        let outcome = try running.outcome()
        #expect(outcome.status == 0 && outcome.errorLines.count == 8, "\(outcome)")
        try expectTrained()
    }

    /// A closed terminal sends two hang-ups; the second must not end the program before its checkpoint is written.
    @Test func survivesASecondHangUp() throws {
        let running = try program.start(training(400), inShell: "exec \"$0\" \"$@\"")
        while running.isRunning, !FileManager.default.fileExists(atPath: output + "/checkpoint.safetensors") {
            usleep(1000)
        }
        for _ in 0..<3 { running.send(SIGHUP) }
        let outcome = try running.outcome()
        #expect(outcome.status == 128 + SIGHUP, "\(outcome)")
        #expect(outcome.errorLines.last?.hasPrefix("error: stopped by SIGHUP after step ") == true)
        let resumed = try program.run(training(400) + ["--resume", "--batch-size", "8"])
        #expect(resumed.errors.contains("batchSize: expected 8, found 16"), "\(resumed)")
    }

    /// The second signal need not be the first once more.
    @Test(arguments: [(SIGINT, SIGTERM), (SIGTERM, SIGINT)])
    func endsAtOnceAtASecondSignal(first: Int32, second: Int32) throws {
        // Steps of a tenth of a second and more: both signals come within one, in one attempt of ten at least.
        let arguments = training(400) + ["--length", "1000"]
        let checkpoint = output + "/checkpoint.safetensors"
        for attempt in 1...10 {
            let running = try program.start(arguments, inShell: "exec \"$0\" \"$@\"")
            while running.isRunning, !FileManager.default.fileExists(atPath: checkpoint) { usleep(1000) }
            usleep(UInt32(30_000 * attempt))
            running.send(first)
            usleep(20_000)
            running.send(second)
            if try running.outcome().status == second { return }
            try FileManager.default.removeItem(atPath: output)
        }
        Issue.record("the second signal never ended the program")
    }
}
