import ExampleTestSupport
import Foundation
import Testing

/// Every error of a file has the exit code 1 and one line with the path and the system's reason; only wrong command lines
/// have 64. Nothing is left of a command that failed.
@Suite struct ExitCodeTests {
    let folder: TemporaryFolder
    /// A model of a network that was trained for a step.
    var model: String { folder.file("trained/model.safetensors") }
    /// Where a folder is expected.
    var file: String { folder.file("file") }
    /// Where nothing is.
    var none: String { folder.file("none") }

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write([1], to: "file")
    }

    func expectFailure(
        _ name: String, _ arguments: [String], about path: String, saying reason: String,
        from location: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try Program(name).run(arguments)
        #expect(outcome.status == 1, "\(outcome)", sourceLocation: location)
        #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: location)
        #expect(
            outcome.errors.hasPrefix("error: ") && outcome.errors.contains("\(path): ")
                && outcome.errors.hasSuffix("\(reason)\n"), "\(outcome)", sourceLocation: location)
    }

    let training = [
        "train", "--length", "30", "--samples", "16", "--test-samples", "16", "--epochs", "1", "--quiet",
    ]

    @Test func trainingSaysWhy() throws {
        let output = folder.file("a/b/output")
        try expectFailure(
            "CopyMemory", training + ["--output", file], about: "--output: \(file)", saying: "Not a directory"
        )
        try expectFailure(
            "CopyMemory", training + ["--output", file + "/a"], about: "--output: \(file)/a",
            saying: "Not a directory")
        try expectFailure(
            "CopyMemory", training + ["--output", output, "--tensorboard", file],
            about: "--tensorboard: \(file)", saying: "Not a directory")
        try expectFailure(
            "CopyMemory", training + ["--output", output, "--config", none], about: none,
            saying: "No such file or directory")
        try expectFailure(
            "Digits", ["train", "--output", output, "--data", none], about: none + "/train-images-idx3-ubyte",
            saying: "No such file or directory")
        // Neither the folder nor those above it.
        #expect(!FileManager.default.fileExists(atPath: folder.file("a")))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([1]))
    }

    /// A folder that was there before stays, empty or not.
    @Test func keepsFoldersThatWereThere() throws {
        let output = folder.file("there")
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
        try expectFailure(
            "CopyMemory", training + ["--output", output + "/new", "--tensorboard", file],
            about: "--tensorboard: \(file)", saying: "Not a directory")
        #expect(try FileManager.default.contentsOfDirectory(atPath: output) == [])
    }

    @Test(arguments: ["evaluate", "kernels", "info"]) func commandsForModelsSayWhy(command: String) throws {
        let options = command == "info" ? ["--model"] : []
        try expectFailure(
            "CopyMemory", [command] + options + [none], about: none, saying: "No such file or directory")
        try expectFailure(
            "CopyMemory", [command] + options + [folder.path], about: folder.path, saying: "Is a directory")
    }

    @Test func otherCommandsSayWhy() throws {
        let trained = folder.file("trained")
        let outcome = try Program("Digits").run([
            "train", "--data", repositoryFolder + "/Examples/Sources/Digits/Data", "--epochs", "1",
            "--validation", "1400", "--output", trained, "--quiet",
        ])
        try #require(outcome.status == 0, "\(outcome)")
        let missing = "No such file or directory"
        try expectFailure(
            "Digits", ["evaluate", model, "--data", none], about: none + "/t10k-images-idx3-ubyte",
            saying: missing)
        try expectFailure(
            "Digits", ["report", model, "--data", none], about: none + "/t10k-images-idx3-ubyte",
            saying: missing)
        try expectFailure("Digits", ["report", none], about: none, saying: missing)
        try expectFailure(
            "Digits", ["report", model, "--output", none + "/page.html"], about: none + "/page.html",
            saying: missing)
        try expectFailure("Digits", ["predict", "--model", model, none], about: none, saying: missing)
        try expectFailure("Digits", ["predict", "--model", none, file], about: none, saying: missing)
        try expectFailure(
            "Digits", ["kernels", model, "--output", file], about: "--output: \(file)",
            saying: "Not a directory")
        try expectFailure(
            "KernelFitting", ["fit", "--steps", "2", "--output", file], about: "--output: \(file)",
            saying: "Not a directory")
        #expect(!FileManager.default.fileExists(atPath: none))
    }

    @Test(arguments: [
        ["nonsense"], ["train", "--epochs", "0"], ["train", "--epochs"], ["info", "--nothing"],
    ])
    func wrongCommandLinesHaveTheirOwn(arguments: [String]) throws {
        let outcome = try Program("CopyMemory").run(arguments)
        #expect(outcome.status == 64 && outcome.errorLines.count == 1 && outcome.output == "", "\(outcome)")
    }
}
