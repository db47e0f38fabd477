import ExampleTestSupport
import Foundation
import Testing

/// Programs that were copied to where nothing else of the package is, and what every program says of itself.
@Suite struct AwayFromHomeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func helpsAndTrainsWithoutItsBuildFolder() throws {
        let program = try Program("Digits").copy(to: folder.file("Digits"))
        for arguments in [["--help"], ["train", "--help"], ["help", "report"], ["info"]] {
            let outcome = try program.run(arguments)
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        }
        let data = repositoryFolder + "/Examples/Sources/Digits/Data"
        let training = try program.run([
            "train", "--data", data, "--epochs", "1", "--validation", "1400", "--output",
            folder.file("output"),
            "--quiet",
        ])
        #expect(training.status == 0 && training.errors == "", "\(training)")
    }

    /// Beside the program is the first place where it looks.
    @Test func findsDataBesideItself() throws {
        let program = try Program("Digits").copy(to: folder.file("Digits"))
        let data = folder.file("long-convolution-examples_Digits.resources/Data")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let outcome = try program.run(["train", "--output", folder.file("output")])
        #expect(outcome.status == 1 && outcome.errorLines.count == 1, "\(outcome)")
        #expect(
            outcome.errors.hasPrefix("error: \(data)/train-images-idx3-ubyte: cannot be read: No such file"))
        #expect(outcome.errors.contains("looked for in \(data) and /"))
        #expect(outcome.errors.hasSuffix("; --data names another folder\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("output")))
    }

    @Test(arguments: ["Digits", "CopyMemory", "AddingProblem", "KernelFitting"])
    func hasAVersion(name: String) throws {
        let outcome = try Program(name).run(["--version"])
        #expect(outcome.status == 0 && outcome.errors == "")
        #expect(outcome.output.wholeMatch(of: #/\d+\.\d+\.\d+(-[a-z0-9.]+)?\n/#) != nil, "\(outcome)")
        #expect(try outcome.output == Program("Digits").run(["--version"]).output)
    }

    // MARK: - Completion

    /// What bash offers for the last of `words`.
    func completions(_ words: [String]) throws -> [String] {
        let script = try Program("Digits").run(["--generate-completion-script", "bash"])
        try #require(script.status == 0)
        let file = try folder.write(Array(script.output.utf8), to: "completion.bash")
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        let bash = """
            cd \(folder.path); source \(file)
            COMP_WORDS=(\(line)); COMP_CWORD=\(words.count - 1)
            COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            complete -p Digits > /dev/null || exit 1
            _Digits Digits "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try Program(path: "/bin/bash").run(["--norc", "-c", bash])
        try #require(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        return outcome.outputLines.sorted()
    }

    @Test func completesFilesAndFolders() throws {
        try #require(FileManager.default.isExecutableFile(atPath: "/bin/bash"))
        _ = try folder.write([1], to: "network one.yaml")
        try FileManager.default.createDirectory(
            atPath: folder.file("network folder"), withIntermediateDirectories: false)
        let both = ["network folder", "network one.yaml"]
        #expect(try completions(["Digits", "train", "--config", "netw"]) == both)
        #expect(try completions(["Digits", "evaluate", "netw"]) == both)
        #expect(try completions(["Digits", "predict", "netw"]) == both)
        #expect(try completions(["Digits", "predict", "a.png", "netw"]) == both)
        #expect(try completions(["Digits", "info", "--model", "netw"]) == both)
        for arguments in [
            ["train", "--output"], ["train", "--data"], ["train", "--tensorboard"], ["kernels", "--output"],
        ] {
            #expect(try completions(["Digits"] + arguments + ["netw"]) == ["network folder"], "\(arguments)")
        }
        #expect(try completions(["Digits", "train", "--preset", "digits-i"]) == ["digits-image"])
        #expect(try completions(["Digits", "eva"]) == ["evaluate"])
    }
}
