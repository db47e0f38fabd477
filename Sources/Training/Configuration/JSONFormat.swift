import Foundation

/// Configurations in JSON, read by Foundation.
public enum JSONFormat: ConfigurationFormat {
    /// JSON.
    public static let name = "JSON"

    /// The bytes of a text that is JSON, in whose records each name stands once.
    public static func document(parsing text: String) throws(ConfigurationSyntaxError) -> Data {
        // Foundation would take zeros for signs of another encoding.
        guard !text.utf8.contains(0) else { throw ConfigurationSyntaxError("a byte is zero") }
        let document = Data(text.utf8)
        do {
            _ = try JSONSerialization.jsonObject(with: document, options: .fragmentsAllowed)
        } catch {
            let description = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            throw ConfigurationSyntaxError(description ?? error.localizedDescription)
        }
        if let name = nameStandingTwice(inJSON: text) {
            throw ConfigurationSyntaxError("the name '\(name)' stands twice in a record")
        }
        return document
    }

    /// Records within each other around a value in JSON. What is no JSON stands for itself as text, so that names of
    /// choices need no quotes.
    public static func document(
        settingFieldAt path: [String], to text: String
    ) throws(ConfigurationSyntaxError) -> Data {
        let isJSON =
            (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
        let value = isJSON ? text : quoted(text)
        return try document(parsing: path.reversed().reduce(value) { "{\(quoted($1)):\($0)}" })
    }

    /// Decodes a value with Foundation's decoder.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from document: Data, userInfo: [CodingUserInfoKey: any Sendable]
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.userInfo = userInfo
        return try decoder.decode(type, from: document)
    }

    private static func quoted(_ text: String) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        } catch {
            fatalError("expected a text that can be written, got '\(text)': \(error)")
        }
    }
}
