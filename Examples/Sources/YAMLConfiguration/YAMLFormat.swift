import Terminator
import Training

/// Configurations in YAML, of which JSON is a part.
///
/// Accepted are records, lists, scalars in any style, comments, anchors and aliases. Refused by name are tags, merge keys,
/// records and lists for names, names that stand twice in a record, and several documents in one text.
public enum YAMLFormat: ConfigurationFormat {
    /// YAML or JSON.
    public static let name = "YAML or JSON"

    /// The document of a text.
    public static func document(
        parsing text: String
    ) throws(ConfigurationSyntaxError) -> ConfigurationDocument { try YAMLComposer.document(text) }
}
