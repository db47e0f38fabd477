import Foundation

/// A command whose system calls fail in turn, with the state before it and what must hold after it.
protocol Scenario {
    /// The name in the table.
    var name: String { get }
    var program: TracedProgram { get }
    var arguments: [String] { get }
    /// Brings everything into the state before the command.
    func prepare() throws
    /// What was lost, or is not as it should be, after the command ended; `nil` if all is well.
    ///
    /// The state may be the one before the command or the one after it, and running the command again has to come to the
    /// one after it, bit for bit.
    func loss(after ending: Ending) throws -> String?
}

/// A training of some steps, four an epoch, which says nothing: of a network so small that starting the program takes
/// about as long.
private func smallTraining(epochs: Int, into output: String) -> [String] {
    [
        "train", "--preset", "digits-sequence", "--set", "standardizationGroups=2", "--set", "globalHidden=8",
        "--set", "blocks=[{channels: 1, expansion: 4, globalLayers: 1, skips: [], dropout: 0.0}]",
        "--epochs", "\(epochs)", "--batch-size", "400", "--quiet", "--output", output,
    ]
}

/// A small training: fresh, or resumed from a checkpoint in the middle.
struct TrainingScenario: Scenario {
    let name: String
    let program: TracedProgram
    private let folder: WorkFolder
    private let model: Data
    private let isResumed: Bool

    private static let epochCount = 2

    private var output: String { folder.file("training") }
    private var original: String { folder.file("interrupted") }

    private func training(_ further: [String] = []) -> [String] {
        smallTraining(epochs: Self.epochCount, into: output) + ["--checkpoint-steps", "2"] + further
    }

    var arguments: [String] { training(isResumed ? ["--resume"] : []) }

    init(programs: String, isResumed: Bool) throws {
        name = isResumed ? "training, resumed" : "training"
        self.isResumed = isResumed
        folder = try WorkFolder()
        program = TracedProgram(file: programs + "/Digits", folder: folder)
        let ending = try program.runUntraced(
            smallTraining(epochs: Self.epochCount, into: folder.file("training")))
        guard ending.isSuccess, let model = contents(folder.file("training/model.safetensors")) else {
            throw Unusable(what: "the undisturbed training ends with \(ending.description)")
        }
        self.model = model
        if isResumed { try makeCheckpoint() }
    }

    /// Interrupts a training that has a checkpoint.
    private func makeCheckpoint() throws {
        for _ in 0..<20 {
            try restore(output, from: nil)
            _ = try program.runUntraced(
                training(), killedWhen: { contents(checkpoint) != nil && contents(historyFile) != nil })
            if contents(checkpoint) != nil {
                try restore(original, from: output)
                return
            }
        }
        throw Unusable(what: "the training ended before it could be interrupted")
    }

    private var checkpoint: String { output + "/checkpoint.safetensors" }
    private var historyFile: String { output + "/history.json" }

    func prepare() throws { try restore(output, from: isResumed ? original : nil) }

    func loss(after ending: Ending) throws -> String? {
        if ending.isSuccess {
            if contents(checkpoint) != nil { return "a checkpoint is left after a success" }
        } else if contents(checkpoint) != nil {
            let resumed = try program.runUntraced(training(["--resume"]))
            if !resumed.isSuccess { return "resuming ends with \(resumed.description)" }
        } else if isResumed, contents(output + "/model.safetensors") != model {
            return "the checkpoint is gone"
        } else {
            let repeated = try program.runUntraced(training(["--overwrite"]))
            if !repeated.isSuccess { return "beginning again ends with \(repeated.description)" }
        }
        if contents(output + "/model.safetensors") != model { return "the model has other bits" }
        let history = contents(historyFile).flatMap { try? JSONDecoder().decode(History.self, from: $0) }
        if history?.epochs.map(\.epoch) != Array(1...Self.epochCount) { return "the history is not whole" }
        let files = try FileManager.default.contentsOfDirectory(atPath: output).sorted()
        if files != ["history.json", "model.safetensors"] { return "the folder holds \(files)" }
        return nil
    }

    private struct History: Decodable {
        struct Epoch: Decodable { let epoch: Int }
        let epochs: [Epoch]
    }
}

/// A report that replaces an older one.
struct ReportScenario: Scenario {
    let name = "report"
    let program: TracedProgram
    private let folder: WorkFolder
    private let files: [String: Data]

    private static let oldPage = Data("<html>an older page</html>\n".utf8)

    private var output: String { folder.file("report") }
    private var page: String { output + "/report.html" }
    var arguments: [String] { ["report", output + "/model.safetensors", "--quiet"] }

    init(programs: String) throws {
        folder = try WorkFolder()
        program = TracedProgram(file: programs + "/Digits", folder: folder)
        let original = folder.file("original")
        let ending = try program.runUntraced(smallTraining(epochs: 1, into: original))
        guard ending.isSuccess else { throw Unusable(what: "the training ends with \(ending.description)") }
        try Self.oldPage.write(to: URL(fileURLWithPath: original + "/report.html"))
        var files: [String: Data] = [:]
        for name in ["model.safetensors", "history.json"] { files[name] = contents(original + "/" + name) }
        self.files = files
    }

    func prepare() throws { try restore(output, from: folder.file("original")) }

    func loss(after ending: Ending) throws -> String? {
        for (name, data) in files where contents(output + "/" + name) != data { return "\(name) has changed" }
        guard let text = contents(page) else { return "the older page is gone" }
        let isNew =
            text.starts(with: Data("<!DOCTYPE html>".utf8)) && text.suffix(20).contains(Data("</html>".utf8))
        if ending.isSuccess, !isNew { return "no new page after a success" }
        return isNew || text == Self.oldPage ? nil : "the page is cut off"
    }
}

/// A scenario cannot be begun.
struct Unusable: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
