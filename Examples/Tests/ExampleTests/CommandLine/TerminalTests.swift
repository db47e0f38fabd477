import ExampleTestSupport
import Foundation
import Testing

/// Trainings whose progress a terminal shows.
@Suite struct TerminalTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("CopyMemory")
        folder = try TemporaryFolder()
    }

    /// What a training of three epochs writes to a terminal.
    func written(columnCount: Int, environment: [String]) throws -> String {
        let terminal = try PseudoTerminal(columnCount: columnCount)
        let running = try program.start(
            [
                "train", "--length", "30", "--samples", "64", "--test-samples", "50", "--batch-size", "16",
                "--validation", "16", "--epochs", "3", "--output", folder.file("output"),
            ], on: terminal, environment: environment)
        var text = ""
        while running.isRunning {
            text += terminal.read()
            usleep(1000)
        }
        #expect(try running.outcome().status == 0)
        return text + terminal.read()
    }

    /// What is drawn between two moves of the cursor.
    func lines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).flatMap { $0.split(separator: "\r") }.map(String.init)
    }

    @Test(arguments: [40, 57, 80, 200]) func drawsNoLineWiderThanTheTerminal(columnCount: Int) throws {
        let text = try written(columnCount: columnCount, environment: ["TERM=xterm-256color"])
        let lines = lines(of: text)
        #expect(lines.count >= 6 && lines.allSatisfy { $0.count < columnCount }, "\(text)")
        #expect(lines.contains { $0.firstMatch(of: #/^epoch 3/3 \[#+\] 3/3/#) != nil })
        #expect(text.contains("epoch 3/3  objective ") && text.contains("validation accuracy "))
        #expect(!text.contains("\u{1B}"))
    }

    /// The window is closed, but the program does not get the hang-up, as in a session of its own: it goes on, and writing
    /// to the terminal is an error.
    @Test func trainsOnWithoutItsTerminal() throws {
        var terminal: PseudoTerminal? = try PseudoTerminal(columnCount: 80)
        let running = try program.start(
            [
                "train", "--length", "30", "--samples", "64", "--test-samples", "50", "--batch-size", "16",
                "--epochs", "20", "--checkpoint-steps", "1", "--output", folder.file("output"),
            ], on: terminal!)
        while running.isRunning,
            !FileManager.default.fileExists(atPath: folder.file("output/checkpoint.safetensors"))
        {
            usleep(1000)
        }
        #expect(running.isRunning)
        terminal = nil
        let outcome = try running.outcome()
        #expect(outcome.status == 0 && outcome.outputLines.count == 7, "\(outcome)")
    }

    /// Lines only, one for each epoch.
    @Test(arguments: [(80, "TERM=dumb"), (0, "TERM=xterm")])
    func drawsNoBar(columnCount: Int, term: String) throws {
        let text = try written(columnCount: columnCount, environment: [term, "NO_COLOR=1"])
        #expect(!text.contains("[") && !text.contains("\u{1B}"), "\(text)")
        // Line feeds come as two characters, which are one `Character`.
        #expect(text.filter(\.isNewline).count == 3 && !text.contains { $0 == "\r" })
    }
}
