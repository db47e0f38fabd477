import ArgumentParser
import ExampleSupport
import Tensors
import Training

/// `CharacterModel generate`: writes a text, character by character as they are drawn.
struct Generate: ExampleCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Writes a text with a trained network, character by character.",
        discussion: """
            A stream takes each character to the next one's probabilities in a time that hardly grows with the text. The \
            same seed gives the same text, with any number of threads. How fast it was is said on standard error, or with \
            --json in the line on standard output. --compare draws the last bytes again, for each of which the network reads \
            the whole text before it.
            """)

    @Argument(help: "The file with the network.", completion: .file())
    var model = "results/CharacterModel/model.safetensors"
    @Option(help: "The text to continue; a new line if it is empty.") var prompt = ""
    @Option(help: "A file with more text to continue, before the prompt.", completion: .file())
    var promptFile: String?
    @Option(help: "The most characters to write.", in: 1...largestCount) var length = 1000
    @Option(help: "A text to stop behind.") var stop = ""
    @Option(
        help:
            "What the logits are divided by: below 1 for likelier texts, 0 for the likeliest character each time.",
        reading: numberOfAtLeastZero)
    var temperature: Float = 0.7
    @Option(help: "The random seed.", in: 0...UInt64.max) var seed: UInt64 = 1
    @Option(help: "How many of the last bytes to compute again from the whole text.", in: 0...1 << 20)
    var compare = 0
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Write one line of JSON behind the text's end.") var json = false

    func run() throws {
        threading.apply()
        let trained = try CharacterModel.trainedNetwork(contentsOf: model)
        let start = try (promptFile.map { try TextBytes.contents(of: $0) } ?? []) + Array(prompt.utf8)
        var generation = try Generation(
            of: trained, prompt: start.isEmpty ? Array("\n".utf8) : start,
            sampler: Sampler(temperature: Double(temperature), seed: seed), kept: compare)

        var text: [UInt8] = []
        var count = 0
        let begin = ContinuousClock.now
        while count < length, stop.isEmpty || !text.ends(with: stop.utf8) {
            let character = try generation.nextCharacter()
            text += character
            count += 1
            if !json { say(String(decoding: character, as: UTF8.self), terminator: "") }
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        if !json { say("") }
        let comparison = compare > 0 ? try generation.comparison() : nil
        announce(
            Report(
                text: String(decoding: text, as: UTF8.self), characters: count, bytes: text.count,
                seconds: seconds,
                comparison: comparison))
    }

    private func announce(_ report: Report) {
        if json { return say(report.line) }
        StandardStream.error.write(report.lines.joined(separator: "\n") + "\n")
    }
}

/// What a generation was.
private struct Report {
    let text: String
    let characters: Int
    let bytes: Int
    let seconds: Double
    let comparison: Generation.Comparison?

    private var charactersPerSecond: Double { Double(characters) / seconds }
    /// How many times as long a byte takes that is computed from the whole text.
    private var ratio: Double? { comparison.map { $0.secondsPerByte / (seconds / Double(bytes)) } }

    /// Lines for a person.
    var lines: [String] {
        var lines = [
            "\(characters) characters in \(decimal(seconds, 2)) s: \(decimal(charactersPerSecond, 1)) a second"
        ]
        if let comparison, let ratio {
            lines += [
                "from the whole text of \(comparison.context) bytes each: "
                    + "\(decimal(1 / comparison.secondsPerByte, 1)) bytes a second; "
                    + "streaming is \(decimal(ratio, 1)) times as fast",
                "largest difference of logits: \(comparison.difference) of the largest; "
                    + (comparison.isSameText ? "the same text" : "another text"),
            ]
        }
        return lines
    }

    /// A line of JSON.
    var line: String {
        var fields: [String: JSONScalar] = [
            "event": .text("generation"), "text": .text(text), "characters": .integer(characters),
            "charactersPerSecond": .number(charactersPerSecond),
        ]
        if let comparison, let ratio {
            fields["context"] = .integer(comparison.context)
            fields["timesAsFast"] = .number(ratio)
            fields["difference"] = .number(comparison.difference)
            fields["isSameText"] = .integer(comparison.isSameText ? 1 : 0)
        }
        return jsonLine(fields)
    }
}

extension [UInt8] {
    /// Whether the last bytes are those of `text`.
    fileprivate func ends(with text: String.UTF8View) -> Bool { suffix(text.count).elementsEqual(text) }
}
