import Terminator

/// A format of configurations in files: how a text becomes a document.
///
/// ``JSONFormat`` is one. Others, such as YAML, are left to those who have a parser of them.
public protocol ConfigurationFormat {
    /// The name of the format, for messages.
    static var name: String { get }

    /// Parses a text.
    ///
    /// A parser bounds its time and memory: it refuses more than `ConfigurationDocument.largestValueCount` values and a
    /// nesting deeper than `ConfigurationDocument.largestDepth`.
    ///
    /// - Throws: `ConfigurationSyntaxError`.
    static func document(parsing text: String) throws(ConfigurationSyntaxError) -> ConfigurationDocument

    /// Parses the value of a setting.
    ///
    /// - Throws: `ConfigurationSyntaxError`.
    static func document(parsingSetting text: String) throws(ConfigurationSyntaxError)
        -> ConfigurationDocument
}

extension ConfigurationFormat {
    /// Parses the value as a text of the format.
    public static func document(
        parsingSetting text: String
    ) throws(ConfigurationSyntaxError) -> ConfigurationDocument { try document(parsing: text) }
}
