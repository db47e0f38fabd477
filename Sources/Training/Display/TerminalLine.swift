#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A line of a terminal that is drawn over itself, such as a progress bar, and never wraps.
///
/// It writes no escape sequences: a carriage return, the text, and spaces over what the line before had more of. Text is
/// expected to take one column a character.
public struct TerminalLine: Sendable {
    private let columnCount: @Sendable () -> Int?
    private let write: @Sendable (String) -> Void
    /// The number of characters that the line shows.
    private var shownCount = 0

    /// A line that is drawn with `write` on a terminal of `columnCount` columns.
    ///
    /// - Parameters:
    ///   - columnCount: the width of the terminal, asked for at each draw; `nil` or less than 2 if it is not known.
    ///   - write: writes text to the terminal.
    public init(
        columnCount: @escaping @Sendable () -> Int?, write: @escaping @Sendable (String) -> Void
    ) {
        self.columnCount = columnCount
        self.write = write
    }

    /// The line of the terminal on standard error; `nil` if that is none, its width is unknown or `TERM` is `dumb`.
    public static func onStandardError() -> TerminalLine? {
        guard !isDumb(term: getenv("TERM").map { String(cString: $0) }) else { return nil }
        let line = TerminalLine(columnCount: { widthOfTerminal(StandardStream.error.rawValue) }) {
            StandardStream.error.write($0)
        }
        return line.room == nil ? nil : line
    }

    /// The number of characters that fit; `nil` if the width is not known.
    ///
    /// The last column stays free: there are terminals that wrap as soon as it is written to.
    public var room: Int? { columnCount().flatMap { $0 >= 2 ? $0 - 1 : nil } }

    /// Draws `text` over the line, as much of it as fits. Draws nothing where the width is not known.
    public mutating func draw(_ text: String) {
        guard let room else { return }
        let text = String(text.prefix(room))
        let rest = min(shownCount, room) - text.count
        write("\r" + text + String(repeating: " ", count: max(0, rest)))
        shownCount = text.count
    }

    /// Draws as many of `fields` as fit, from the left, with two spaces between them.
    public mutating func draw(fields: [String]) {
        guard let room else { return }
        draw(Self.joined(fields, room: room))
    }

    /// Empties the line; the cursor is at its start.
    public mutating func erase() {
        guard shownCount > 0 else { return }
        draw("")
        write("\r")
        shownCount = 0
    }

    /// Keeps what the line shows, if it shows anything: further text begins on a new line.
    public mutating func end() {
        if shownCount > 0 { write("\n") }
        shownCount = 0
    }

    /// The first of `fields` that fit into `room` characters, with two spaces between them; the start of the first one if
    /// not even that fits.
    static func joined(_ fields: [String], room: Int) -> String {
        var text = String((fields.first ?? "").prefix(room))
        for field in fields.dropFirst() {
            guard text.count + 2 + field.count <= room else { break }
            text += "  " + field
        }
        return text
    }

    /// Whether a terminal that is described by the environment's `TERM` moves its cursor back not even to the line's start.
    static func isDumb(term: String?) -> Bool { term == "dumb" }
}

/// The number of columns of the terminal behind a file descriptor; `nil` if it is none or does not know its width.
func widthOfTerminal(_ descriptor: Int32) -> Int? {
    var size = winsize()
    // TIOCGWINSZ works on terminals alone.
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
}
