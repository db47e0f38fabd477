import Terminator

/// A field in which two values differ.
public struct FieldDifference: Equatable, Sendable, CustomStringConvertible {
    /// The way to the field, as in `blocks[0].channels`.
    public let field: String
    /// The value in the first, as JSON; `nil` where it has no such field.
    public let own: String?
    /// The value in the other.
    public let others: String?

    /// The field with both values: the first is the expected one.
    public var description: String { "\(field): expected \(own ?? "none"), found \(others ?? "none")" }

    /// The fields in which two values differ, in the order of their names.
    static func all<Value: Encodable>(between own: Value, and others: Value) -> [FieldDifference] {
        let (own, others) = (fields(of: own), fields(of: others))
        return Set(own.keys).union(others.keys).sorted().filter { own[$0] != others[$0] }
            .map { FieldDifference(field: $0, own: own[$0], others: others[$0]) }
    }

    /// The numbers, texts and truths in a value, by the way to them.
    private static func fields(of value: some Encodable) -> [String: String] {
        guard let document = try? ConfigurationDocument(json: canonicalJSON(value)) else {
            fatalError("expected JSON of \(value)")
        }
        var fields: [String: String] = [:]
        func visit(_ document: ConfigurationDocument, at path: String) {
            switch document.content {
            case .record(let members):
                for (name, value) in members { visit(value, at: path.isEmpty ? name : "\(path).\(name)") }
            case .list(let elements):
                for (index, value) in elements.enumerated() { visit(value, at: "\(path)[\(index)]") }
            case .plain(let text), .quoted(let text): fields[path] = text
            }
        }
        visit(document, at: "")
        return fields
    }
}

extension NetworkConfiguration {
    /// The fields in which `other` differs, as in `blocks[0].channels`.
    public func differences(from other: NetworkConfiguration) -> [FieldDifference] {
        self == other ? [] : FieldDifference.all(between: self, and: other)
    }
}
