import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Training

/// Lines that are drawn over themselves, on pseudo-terminals.
@Suite struct TerminalLineTests {
    /// What the screen of a terminal shows: a model of how a VT100 takes characters, carriage returns and line feeds. The
    /// width may change while nothing is wrapped.
    static func rows(of text: String, columnCount: Int) -> (rows: [String], hasWrapped: Bool) {
        var rows: [[Character]] = [[]]
        var column = 0
        var hasWrapped = false
        for character in text {
            switch character {
            case "\r\n":
                rows.append([])
                column = 0
            case "\r": column = 0
            case "\n":
                rows.append([])
                column = 0
            default:
                if column >= columnCount {
                    rows.append([])
                    column = 0
                    hasWrapped = true
                }
                if column < rows[rows.count - 1].count {
                    rows[rows.count - 1][column] = character
                } else {
                    rows[rows.count - 1].append(character)
                }
                column += 1
            }
        }
        let texts = rows.map { row in String(row).replacing(#/ +$/#, with: "") }
        return (texts, hasWrapped)
    }

    func line(on terminal: PseudoTerminal) -> TerminalLine {
        let descriptor = terminal.descriptor
        return TerminalLine(columnCount: { widthOfTerminal(descriptor) }) { text in
            _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
        }
    }

    /// Whatever is drawn, at whatever width: the terminal never wraps, and shows the last text alone.
    @Test func neverWraps() throws {
        let terminal = try PseudoTerminal(columnCount: 40)
        var numbers = SplitMix64.announced(seed: 1)
        var line = line(on: terminal)
        for _ in 0..<500 {
            // Narrower terminals move what they show in ways of their own, so each width begins with an empty line.
            let columnCount = 2 + Int(numbers.next() % 100)
            terminal.resize(columnCount: columnCount)
            var last = ""
            for _ in 0..<4 {
                last = String(repeating: "x", count: Int(numbers.next() % 120))
                line.draw(last)
            }
            let screen = Self.rows(of: terminal.read(), columnCount: columnCount)
            #expect(!screen.hasWrapped && screen.rows == [String(last.prefix(columnCount - 1))])
            line.erase()
            let erased = Self.rows(of: terminal.read(), columnCount: columnCount)
            #expect(!erased.hasWrapped && erased.rows == [""])
        }
    }

    @Test func followsTheWidth() throws {
        let terminal = try PseudoTerminal(columnCount: 12)
        var line = line(on: terminal)
        line.draw(fields: ["one", "two", "three"])
        #expect(terminal.read() == "\rone  two")
        terminal.resize(columnCount: 16)
        line.draw(fields: ["one", "two", "three"])
        #expect(terminal.read() == "\rone  two  three")
        // A width that is not known: nothing is drawn.
        terminal.resize(columnCount: 0)
        line.draw(fields: ["one", "two", "three"])
        #expect(terminal.read() == "" && line.room == nil)
        terminal.resize(columnCount: 5)
        line.draw(fields: ["longer", "two"])
        #expect(terminal.read() == "\rlong")
        line.end()
        #expect(terminal.read() == "\r\n")
        line.end()
        line.erase()
        #expect(terminal.read() == "")
    }

    @Test func knowsWhatIsNoTerminal() throws {
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect(widthOfTerminal(file) == nil)
        #expect(TerminalLine.isDumb(term: "dumb"))
        #expect(!TerminalLine.isDumb(term: nil) && !TerminalLine.isDumb(term: "xterm-256color"))
    }
}
