import Foundation

/// A fenced block of a Markdown file.
public struct MarkdownBlock: Equatable, Sendable {
    /// What stands behind the opening fence.
    public let language: String
    /// The lines between the fences, each with its end.
    public let text: String

    /// A block from its parts.
    public init(language: String, text: String) {
        self.language = language
        self.text = text
    }

    /// The blocks of a file in their order.
    ///
    /// - Throws: ``NotClosed``, or an error of reading.
    public static func blocks(of file: String) throws -> [MarkdownBlock] {
        var blocks: [MarkdownBlock] = []
        var open: (language: String, lines: [Substring])?
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix("```") {
                open?.lines.append(line)
            } else if let (language, lines) = open {
                blocks.append(MarkdownBlock(language: language, text: lines.map { $0 + "\n" }.joined()))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        guard open == nil else { throw NotClosed(file: file) }
        return blocks
    }

    /// The last block of a file has no closing fence.
    public struct NotClosed: Error {
        /// The file.
        public let file: String
    }
}
