import Terminator

/// Configurations in JSON.
public enum JSONFormat: ConfigurationFormat {
    /// JSON.
    public static let name = "JSON"

    /// The document of a text that is JSON, in whose records each name stands once.
    public static func document(
        parsing text: String
    ) throws(ConfigurationSyntaxError) -> ConfigurationDocument { try ConfigurationDocument(json: text) }

    /// A value in JSON. What is no list and no record needs no quotes: it stands for itself.
    public static func document(
        parsingSetting text: String
    ) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        let text = text.drop { $0 == " " }
        guard let first = text.first, "[{\"".contains(first) else {
            return ConfigurationDocument(.plain(String(text)))
        }
        return try document(parsing: String(text))
    }
}
