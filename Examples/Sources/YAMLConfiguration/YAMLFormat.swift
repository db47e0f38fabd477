import Training
import Yams

/// Configurations in YAML, of which JSON is a part.
public enum YAMLFormat: ConfigurationFormat {
    /// YAML or JSON.
    public static let name = "YAML or JSON"

    /// The root of a text's nodes. All scalars are texts: which of them are numbers is known where they are read.
    public static func document(parsing text: String) throws(ConfigurationSyntaxError) -> Node {
        let root: Node
        do {
            root = try compose(yaml: text, .basic) ?? Node("")
        } catch {
            throw ConfigurationSyntaxError("\(error)")
        }
        // Decoders pass over such keys.
        guard root.hasNamesForKeys else {
            throw ConfigurationSyntaxError("a list or a record stands for the name of a field")
        }
        return root
    }

    /// Records within each other around a value in YAML.
    public static func document(
        settingFieldAt path: [String], to text: String
    ) throws(ConfigurationSyntaxError) -> Node {
        try path.reversed().reduce(document(parsing: text)) { Node([(Node($1), $0)]) }
    }

    /// Decodes a value with Yams' decoder.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from document: Node, userInfo: [CodingUserInfoKey: any Sendable]
    ) throws -> Value {
        try YAMLDecoder().decode(type, from: document, userInfo: userInfo)
    }
}

extension Node {
    fileprivate var hasNamesForKeys: Bool {
        switch self {
        case .mapping(let mapping): mapping.allSatisfy { $0.key.scalar != nil && $0.value.hasNamesForKeys }
        case .sequence(let sequence): sequence.allSatisfy(\.hasNamesForKeys)
        case .scalar, .alias: true
        }
    }
}
