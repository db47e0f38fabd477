import ExampleTestSupport
import Foundation
import Testing

/// Texts that are learned and written, from outside.
@Suite struct CharacterModelTests {
    let program: Program
    let folder: TemporaryFolder
    var output: String { folder.file("output") }
    var model: String { output + "/model.safetensors" }

    /// A network of the preset's kind, with few channels.
    let small = [
        "--set", "blocks.0.expansion=1", "--set", "blocks.1.channels=32", "--set", "globalHidden=8", "--set",
        "localSlowNet.hidden=8", "--epochs", "1", "--quiet",
    ]

    init() throws {
        program = try Program("CharacterModel")
        folder = try TemporaryFolder()
    }

    /// What a generation says in JSON.
    private func generation(_ options: [String]) throws -> [String: Any] {
        let outcome = try program.run(["generate", model, "--json"] + options)
        try #require(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        let line = try #require(outcome.outputLines.last)
        return try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// With a context of 4,096 bytes: the text of a stream is the one that comes of reading the whole context for each byte, for
    /// ten seeds; logits are within 10⁻⁵ of the largest; and the stream is at least ten times as fast. It is sixty to eighty
    /// times as fast on two idle cores.
    @Test func streamsWhatTheWholeContextSays() throws {
        let training = try program.run(["train", "--output", output] + small)
        try #require(training.status == 0 && training.errors == "", "\(training)")
        // The program's own text, as a prompt so long that the context of what follows is the network's.
        let text = try Data(
            contentsOf: URL(
                fileURLWithPath: repositoryFolder + "/Examples/Sources/CharacterModel/Data/ferry.txt"))
        let prompt = try folder.write(Array(text.prefix(4096 - 20)), to: "prompt.txt")
        var texts: Set<String> = []
        for seed in 1...10 {
            let options = [
                "--prompt-file", prompt, "--length", "20", "--seed", "\(seed)", "--temperature", "1",
            ]
            // Bytes of ten places; for one seed, enough that the speed is known.
            let found = try generation(options + ["--compare", seed == 1 ? "20" : "2"])
            #expect(found["isSameText"] as? Int == 1, "seed \(seed)")
            #expect(try #require(found["difference"] as? Double) <= 1e-5, "seed \(seed)")
            if seed == 1 {
                #expect(try #require(found["context"] as? Int) >= 4095)
                #expect(try #require(found["timesAsFast"] as? Double) >= 10)
            }
            let written = try #require(found["text"] as? String)
            #expect(written.unicodeScalars.count == 20)
            #expect(
                try generation(options + ["--threads", "1"])["text"] as? String == written, "seed \(seed)")
            texts.insert(written)
        }
        #expect(texts.count > 5)
    }

    /// Two words that follow each other: after enough of them the network knows the next letter. A text in several scripts.
    @Test func learnsAText() throws {
        let words = Array(String(repeating: "ящерица über ", count: 300).utf8)
        let text = try folder.write(words, to: "text.txt")
        let training = try program.run(
            ["train", "--data", text, "--length", "64", "--output", output] + small
                + ["--epochs", "12", "--rate", "0.01"])
        try #require(training.status == 0, "\(training)")
        let found = training.outputLines.last?.wholeMatch(of: /test accuracy ([01]\.\d{4})/)?.1
        #expect(try #require(found.flatMap { Double($0) }) > 0.9, "\(training)")
        let evaluation = try program.run(["evaluate", model, "--data", text])
        #expect(evaluation.outputLines.suffix(2) == training.outputLines.suffix(2))

        let options = ["--prompt", "ящерица über ящ", "--temperature", "0"]
        let written = try program.run(["generate", model, "--length", "12", "--stop", "ü"] + options)
        #expect(written.status == 0 && written.output == "ерица ü\n", "\(written)")
        #expect(written.errors.contains(#/7 characters in \d+\.\d\d s: /#))
        #expect(try generation(options + ["--length", "3"])["text"] as? String == "ери")
    }

    @Test(arguments: [
        (["--set", "statistics=whole"], "expected a network with the statistics prefix, found whole"),
        (["--data", "/nonexistent"], "/nonexistent: cannot be read: No such file or directory"),
        (["--length", "20000"], "truncated: expected 40002 bytes"),
        (["--set", "readout=pooled"], "expected a network with the readout positions, found pooled"),
        (["--length", "1"], "from 2 to 1048576"),
    ]) func refuses(options: [String], part: String) throws {
        let outcome = try program.run(["train", "--output", output] + small + options)
        #expect(
            outcome.status != 0 && outcome.errorLines.count == 1 && outcome.errors.contains(part),
            "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func refusesWhatIsNoText() throws {
        let data = try folder.write(Array(repeating: 0xFF, count: 50_000), to: "data")
        let outcome = try program.run(["train", "--data", data, "--output", output] + small)
        #expect(outcome.errors.contains("data: expected a text in UTF-8, found other bytes"), "\(outcome)")
    }
}
