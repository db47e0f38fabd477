import ExampleTestSupport
import Foundation
import Testing

/// The page about a training, from outside.
@Suite struct ReportTests {
    let program: Program
    let task: SmallTask
    var page: String { task.output + "/report.html" }

    init() throws {
        program = try Program("SequentialMNIST")
        task = try SmallTask()
        try task.writeMNIST()
    }

    func train() throws -> Outcome {
        let outcome = try program.run(try task.arguments(shape: [1, 784]) + ["--epochs", "2"])
        try #require(outcome.status == 0, "\(outcome)")
        return outcome
    }

    @Test func showsATraining() throws {
        let training = try train()
        let outcome = try program.run(["report", task.model, "--data", task.data])
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        #expect(outcome.outputLines.first == "report        \(page)")
        #expect(outcome.outputLines.suffix(2) == training.outputLines.suffix(2))

        let html = try String(contentsOfFile: page, encoding: .utf8)
        for heading in [
            "Training", "Confusions", "Most mistaken", "Hyper-kernels", "Pixel scores", "Configuration",
            "Machine",
        ] {
            #expect(html.contains("<h2>\(heading)</h2>"), "\(heading)")
        }
        // Nothing comes from elsewhere.
        #expect(!html.contains("<script") && !html.contains("http"))
        #expect(
            !html.contains("src=\"")
                || html.matches(of: /src="/).count == html.matches(of: /src="data:/).count)
        // Two samples of each of ten classes: the counts are those of 20 test samples.
        let counts = html.matches(of: /<td style[^>]*>(\d+)<\/td>/).compactMap { Int($0.1) }
        #expect(counts.count == 100 && counts.reduce(0, +) == 20)
        let correct = stride(from: 0, to: 100, by: 11).reduce(0) { $0 + counts[$1] }
        let accuracy = String(format: "%.4f", Double(correct) / 20)
        #expect(outcome.outputLines.last == "test accuracy \(accuracy)")
        #expect(correct == 20 || html.contains("\(20 - correct) of 20 test samples"))
        // Two epochs make curves; two blocks have kernels.
        #expect(html.matches(of: /<path class="first"/).count >= 4)
        #expect(html.contains("block 0: channels 1,") && html.contains("block 1: channels 12,"))
        #expect(html.contains("extents: [784]"))
        #expect(html.firstMatch(of: #/epochs 2, steps 10, [1-9][^<]* m?s</#) != nil)
        #expect(html.contains("<figcaption>objective<") && html.contains("<figcaption>loss<"))
        // The epochs are whole.
        let epochs = html.matches(of: #/text-anchor="middle">([^<]*)</#).map { String($0.1) }
        #expect(epochs == Array(repeating: ["1", "2"], count: 5).flatMap { $0 })
    }

    @Test func doesWithoutHistory() throws {
        _ = try train()
        try FileManager.default.removeItem(atPath: task.output + "/history.json")
        let other = task.folder.file("page.html")
        let outcome = try program.run(["report", task.model, "--data", task.data, "--output", other])
        #expect(outcome.status == 0)
        #expect(try String(contentsOfFile: other, encoding: .utf8).contains("No history.json"))
        #expect(!FileManager.default.fileExists(atPath: page))
    }

    @Test func refusesWhatItCannotReadOrWrite() throws {
        _ = try train()
        _ = try task.folder.write(Array("no history".utf8), to: "output/history.json")
        for arguments in [
            ["report", task.model, "--data", task.data],
            ["report", task.folder.file("none"), "--data", task.data],
            ["report", task.model, "--data", task.data, "--output", "/nowhere/at/all.html"],
        ] {
            let outcome = try program.run(arguments)
            #expect(outcome.status != 0 && outcome.errorLines.count == 1, "\(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: page))
    }
}
