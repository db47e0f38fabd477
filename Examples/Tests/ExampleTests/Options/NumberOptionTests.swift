import ExampleTestSupport
import Foundation
import Testing

/// Numbers on command lines: each works or is refused by the option's name, and none ends a program by a trap.
@Suite struct NumberOptionTests {
    /// A program's command, with what it takes to end soon if the number is accepted.
    struct Command: Sendable, CustomTestStringConvertible {
        let program: String
        let arguments: [String]
        var testDescription: String { program + " " + arguments[0] }
    }

    static let train = Command(
        program: "Digits", arguments: ["train", "--epochs", "1", "--validation", "1400", "--quiet"])
    static let info = Command(program: "Digits", arguments: ["info"])
    static let predict = Command(program: "Digits", arguments: ["predict", "no-image.png"])
    static let addition = Command(
        program: "AddingProblem",
        arguments: [
            "train", "--length", "4", "--samples", "2", "--test-samples", "2", "--epochs", "1", "--quiet",
        ])
    static let copy = Command(
        program: "CopyMemory",
        arguments: [
            "train", "--length", "1", "--samples", "2", "--test-samples", "2", "--epochs", "1", "--quiet",
        ])
    static let evaluation = Command(program: "CopyMemory", arguments: ["evaluate", "no-model"])
    static let fit = Command(
        program: "KernelFitting", arguments: ["fit", "--net", "perceptron", "--steps", "1"])

    /// Each option with the range that its refusal names.
    static let wholeNumbers: [(command: Command, option: String, range: String)] = [
        (train, "--epochs", "from 1 to 1000000000"), (train, "--batch-size", "from 1 to 1000000000"),
        (train, "--seed", "from 0 to 18446744073709551615"),
        (train, "--validation", "from 0 to 1000000000"),
        (train, "--checkpoint-steps", "from 1 to 1000000000"),
        (train, "--tensorboard-steps", "from 1 to 1000000000"), (train, "--threads", "from 1 to 1024"),
        (info, "--batch-size", "from 1 to 1000000000"), (predict, "--top", "from 1 to 1000000000"),
        (predict, "--threads", "from 1 to 1024"),
        (addition, "--length", "from 2 to 1048576"), (addition, "--samples", "from 1 to 16777216"),
        (addition, "--test-samples", "from 1 to 16777216"), (copy, "--length", "from 1 to 1048576"),
        (copy, "--samples", "from 1 to 16777216"), (evaluation, "--test-samples", "from 1 to 16777216"),
        (evaluation, "--threads", "from 1 to 1024"),
        (fit, "--steps", "from 1 to 16777216"), (fit, "--hidden", "from 1 to 4096"),
        (fit, "--layers", "from 1 to 64"), (fit, "--seed", "from 0 to 18446744073709551615"),
    ]

    /// No option has these values.
    static let noWholeNumbers = [
        "-1", "18446744073709551616", "99999999999999999999999999999999", "1.0", "1e2", "0x10", "0o17", "0b1",
        "1_0", "1:30", " 1", "1 ", "--1", "+", "nan", "inf", "١",
    ]

    private func expectRefusal(
        of value: String, _ option: String, _ command: Command, saying part: String
    ) throws {
        let outcome = try Program(command.program).run(command.arguments + ["\(option)=\(value)"])
        #expect(
            outcome.status == 64 && outcome.errorLines.count == 1 && outcome.errors.hasPrefix("error: ")
                && outcome.errors.contains("'\(option) <") && outcome.errors.contains(part),
            "\(option)=\(value): \(outcome)")
    }

    @Test(arguments: noWholeNumbers) func refusesWhatIsNoWholeNumber(value: String) throws {
        try expectRefusal(of: value, "--epochs", Self.train, saying: "from 1 to 1000000000")
    }

    @Test(arguments: wholeNumbers) func refusesNumbersOutOfRange(
        command: Command, option: String, range: String
    ) throws {
        for value in ["-1", "18446744073709551616", "99999999999999999999999999999999", "1e2", "nan"] {
            try expectRefusal(of: value, option, command, saying: range)
        }
        try expectRefusal(of: "", option, command, saying: "Missing value")
        // The largest integers that an `Int` and an `UInt64` can hold.
        guard !range.hasSuffix("18446744073709551615") else { return }
        try expectRefusal(of: "9223372036854775807", option, command, saying: range)
        try expectRefusal(of: "18446744073709551615", option, command, saying: range)
    }

    static let numbers: [(command: Command, option: String)] = [
        (train, "--rate"), (fit, "--rate"), (fit, "--fraction"),
    ]

    @Test(arguments: numbers) func refusesWhatIsNoNumber(command: Command, option: String) throws {
        for value in [
            "nan", "inf", "-inf", "infinity", "0x1p3", "0x10", "1_0", "1e400", "1e39", "1e-400", "1e-46",
            "1,5", "-1", "1:30",
        ] {
            try expectRefusal(of: value, option, command, saying: "decimal notation")
        }
    }

    /// The largest numbers of each range, together: products of them do not overflow.
    @Test func acceptsTheLargest() throws {
        let folder = try TemporaryFolder()
        let program = try Program("Digits")
        let largest = "1000000000"
        let info = try program.run(["info", "--batch-size", largest])
        #expect(info.status == 0 && info.output.contains("batches of \(largest)"), "\(info)")
        // Whole batches, one step each.
        let training = try program.run([
            "train", "--epochs", "1", "--batch-size", largest, "--seed", "18446744073709551615",
            "--checkpoint-steps", largest, "--tensorboard-steps", largest, "--tensorboard",
            folder.file("events"), "--output", folder.path, "--quiet", "--threads", "0001",
        ])
        #expect(training.status == 0 && training.errors == "", "\(training)")
        // As many epochs as there may be: the first step's time left is centuries.
        let running = try program.start([
            "train", "--epochs", largest, "--batch-size", "+512", "--output", folder.file("long"),
        ])
        let history = folder.file("long/history.json")
        let end = ContinuousClock.now + .seconds(60)
        while running.isRunning, !FileManager.default.fileExists(atPath: history),
            ContinuousClock.now < end
        {
            usleep(10_000)
        }
        running.send(SIGTERM)
        let stopped = try running.outcome()
        #expect(
            stopped.status == 128 + SIGTERM && stopped.errors.contains("stopped by SIGTERM"), "\(stopped)")
    }

    @Test func helpShowsDefaults() throws {
        let help = try Program("Digits").run(["train", "--help"]).output
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for part in ["training data. (default: 30)", "learning rate. (default: 0.001)", "seed. (default: 1)"]
        {
            #expect(help.contains(part), "\(help)")
        }
    }

    @Test func rangesOfNumbersHaveTheirEnds() throws {
        let program = try Program("KernelFitting")
        for options in [
            ["--fraction", "0"], ["--fraction", "1e-45"], ["--fraction", ".5e+0"], ["--rate", "1e-45"],
            ["--rate", "0.000000001"], ["--hidden", "08"],
        ] {
            let outcome = try program.run(
                ["fit", "--net", "siren", "--steps", "1", "--hidden", "4"] + options)
            #expect(outcome.status == 0, "\(options) \(outcome)")
        }
        // Frequencies beyond all numbers: the fit says so.
        for net in ["magnet", "fourierFilters", "gaborFilters", "siren", "fourierFeatures"] {
            let outcome = try program.run(["fit", "--net", net, "--steps", "2", "--fraction", "3.4e38"])
            #expect(outcome.status == 0 || outcome.errors.hasPrefix("error: "), "\(net) \(outcome)")
        }
    }
}
