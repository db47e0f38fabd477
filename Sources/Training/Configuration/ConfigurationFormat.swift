import Terminator

/// A format of configurations in files: how a text becomes a document, and a document a value.
///
/// ``JSONFormat`` is one. Others, such as YAML, are left to those who have a parser of them.
public protocol ConfigurationFormat {
    /// What a text is parsed to before anything is decoded of it.
    associatedtype Document

    /// The name of the format, for messages.
    static var name: String { get }

    /// Parses a text.
    ///
    /// - Throws: ``ConfigurationSyntaxError``.
    static func document(parsing text: String) throws(ConfigurationSyntaxError) -> Document

    /// A document with one field: records within each other along the names and indices of `path`, and in the innermost
    /// the value that `text` writes.
    ///
    /// - Throws: ``ConfigurationSyntaxError``.
    static func document(
        settingFieldAt path: [String], to text: String
    ) throws(ConfigurationSyntaxError) -> Document

    /// Decodes a value from a document, the decoder having `userInfo`.
    ///
    /// - Throws: What the value's initializer throws, and errors of the decoder.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from document: Document, userInfo: [CodingUserInfoKey: any Sendable]
    ) throws -> Value
}

/// What a parser says of a text that is not of its format.
public struct ConfigurationSyntaxError: Error, Equatable, Sendable {
    /// The parser's words in one line, at most 200 characters.
    public let problem: String

    /// An error in the words of a parser, without the piece of the document that it puts behind them, which may be
    /// long.
    public init(_ text: String) {
        let said = text.split(separator: "\n").prefix(2).joined(separator: " ").prefix(200)
        problem = String(said.hasSuffix(":") ? said.dropLast() : said)
    }
}
