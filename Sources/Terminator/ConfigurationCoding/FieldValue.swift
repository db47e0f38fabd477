/// A value of a configuration's field, decoded from a document as a whole or updated from the parts that it has.
protocol FieldValue {
    /// A value from a document alone.
    init(reading decoder: any Decoder) throws
    /// Updates the parts that the document has; others stay. A value without parts is replaced.
    mutating func update(reading decoder: any Decoder) throws
}

extension FieldValue {
    mutating func update(reading decoder: any Decoder) throws { self = try Self(reading: decoder) }
}

// MARK: - Scalars

extension Int: FieldValue {
    init(reading decoder: any Decoder) throws { self = try scalar(of: decoder, expected: "a whole number") }
}

extension Float: FieldValue {
    init(reading decoder: any Decoder) throws { self = try scalar(of: decoder, expected: "a number") }
}

extension Bool: FieldValue {
    init(reading decoder: any Decoder) throws { self = try scalar(of: decoder, expected: "true or false") }
}

/// Options without fields are coded as their names.
extension FieldValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    init(reading decoder: any Decoder) throws {
        let expected = "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))"
        let name: String = try scalar(of: decoder, expected: expected)
        guard let choice = Self(rawValue: name) else {
            throw ConfigurationError(at: decoder.codingPath, "expected \(expected), found '\(name)'")
        }
        self = choice
    }
}

private func scalar<Value: Decodable>(of decoder: any Decoder, expected: String) throws -> Value {
    guard let container = try? decoder.singleValueContainer(), !container.decodeNil(),
        let value = try? container.decode(Value.self)
    else {
        throw ConfigurationError(
            at: decoder.codingPath, "expected \(expected), found \(content(of: decoder))")
    }
    return value
}

/// A description of a document's content at a position, for a message.
func content(of decoder: any Decoder) -> String {
    if let record = try? decoder.container(keyedBy: FieldName.self) {
        let names = record.allKeys.map(\.stringValue).sorted().joined(separator: ", ")
        return names.isEmpty ? "an empty record" : "a record of \(names)"
    }
    if let list = try? decoder.unkeyedContainer() { return "a list of \(list.count ?? 0)" }
    guard let scalar = try? decoder.singleValueContainer(), !scalar.decodeNil() else { return "nothing" }
    if let text = try? scalar.decode(String.self) { return text.isEmpty ? "nothing" : "'\(text)'" }
    if let truth = try? scalar.decode(Bool.self) { return "\(truth)" }
    if let number = try? scalar.decode(Double.self) { return "\(number)" }
    return "something else"
}

// MARK: - Lists

extension Array: FieldValue where Element: FieldValue {
    init(reading decoder: any Decoder) throws {
        guard var list = try? decoder.unkeyedContainer() else {
            throw ConfigurationError(
                at: decoder.codingPath, "expected a list, found \(content(of: decoder))")
        }
        self = []
        while !list.isAtEnd { append(try Element(reading: list.superDecoder())) }
    }

    /// A list replaces all elements; a record with indices for names changes those elements.
    mutating func update(reading decoder: any Decoder) throws {
        guard let elements = try? decoder.container(keyedBy: FieldName.self) else {
            self = try Self(reading: decoder)
            return
        }
        for name in elements.allKeys {
            guard let index = name.intValue, indices.contains(index) else {
                let range = isEmpty ? "no index, as there is no element" : "an index from 0 to \(count - 1)"
                throw ConfigurationError(
                    at: decoder.codingPath, "expected \(range), found '\(name.stringValue)'")
            }
            try self[index].update(reading: elements.superDecoder(forKey: name))
        }
    }
}
