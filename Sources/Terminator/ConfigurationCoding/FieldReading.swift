/// A coding key of any name or index.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { stringValue = String(intValue) }
}

/// A part of a document and the path of names and indices that leads to it.
struct DocumentField {
    let document: ConfigurationDocument
    let path: [any CodingKey]

    init(_ document: ConfigurationDocument, at path: [any CodingKey] = []) {
        self.document = document
        self.path = path
    }

    /// The document from any decoder's.
    init(_ decoder: any Decoder) throws {
        self.init(try ConfigurationDocument(from: decoder), at: decoder.codingPath)
    }

    /// The elements of a list; `nil` for anything else.
    var elements: [DocumentField]? {
        guard case .list(let list) = document.content else { return nil }
        return list.enumerated().map { DocumentField($1, at: path + [FieldName(intValue: $0)]) }
    }

    /// The fields of a record in their order; `nil` for anything else.
    var record: [(name: String, value: DocumentField)]? {
        guard case .record(let record) = document.content else { return nil }
        return record.map { ($0.name, DocumentField($0.value, at: path + [FieldName(stringValue: $0.name)])) }
    }

    /// The text of a scalar that is not null, in quotes or not; `nil` for anything else.
    var text: String? {
        switch document.content {
        case .plain(let text): ["", "~", "null", "Null", "NULL"].contains(text) ? nil : text
        case .quoted(let text): text
        case .list, .record: nil
        }
    }

    /// The text of a scalar without quotes that is not null; `nil` for anything else.
    var plainText: String? {
        if case .plain = document.content { text } else { nil }
    }

    /// The error of a value that is not of the expected kind.
    func mismatch(expected: String) -> ConfigurationError {
        ConfigurationError(at: path, "expected \(expected), found \(found)")
    }

    /// A description of the content for a message.
    private var found: String {
        if let record {
            let names = record.prefix(20).map { abbreviated($0.name) }.sorted().joined(separator: ", ")
            return names.isEmpty ? "an empty record" : "a record of \(names)"
        }
        if let elements { return "a list of \(elements.count)" }
        guard let text, !text.isEmpty else { return "nothing" }
        return "'\(abbreviated(text))'"
    }
}

/// A reader of a record's fields that rejects unknown fields by name.
struct RecordReader<Key: CodingKey & CaseIterable> {
    private let path: [any CodingKey]
    private let fields: [String: DocumentField]

    init(_ field: DocumentField) throws {
        path = field.path
        let known = Key.allCases.map(\.stringValue)
        guard let record = field.record else {
            throw field.mismatch(expected: "a record of \(known.joined(separator: ", "))")
        }
        for name in record.map(\.name).sorted() where !known.contains(name) {
            throw ConfigurationError(
                at: path + [FieldName(stringValue: abbreviated(name))],
                "unknown field; the nearest known: "
                    + namesNearest(to: abbreviated(name), among: known).joined(separator: ", "))
        }
        // Where a decoder's record has a name twice, the first counts.
        fields = Dictionary(record.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value of a required field.
    func required<Value: FieldValue>(_ key: Key) throws -> Value {
        guard let field = fields[key.stringValue] else {
            throw ConfigurationError(
                at: path + [FieldName(stringValue: key.stringValue)], "expected a value, found nothing")
        }
        return try Value(reading: field)
    }

    /// Updates a field from the document, if it has it.
    func update(_ key: Key, _ value: inout some FieldValue) throws {
        if let field = fields[key.stringValue] { try value.update(reading: field) }
    }
}

/// One of several alternatives: its name, or a record from its name alone to the alternative's fields.
struct ChoiceReader<Name: CodingKey & CaseIterable> {
    let name: Name
    private let path: [any CodingKey]
    private let fields: DocumentField?

    init(_ field: DocumentField) throws {
        path = field.path
        if let name = field.text.flatMap(Name.init(stringValue:)) {
            self.name = name
            fields = nil
            return
        }
        if let record = field.record, record.count == 1, let name = Name(stringValue: record[0].name) {
            self.name = name
            fields = record[0].value
            return
        }
        throw field.mismatch(expected: "one of \(Name.allCases.map(\.stringValue).joined(separator: ", "))")
    }

    /// The record of the alternative's fields; `nil` where its name stands alone.
    func record<Key: CodingKey & CaseIterable>(of keys: Key.Type) throws -> RecordReader<Key>? {
        try fields.map { try RecordReader($0) }
    }

    /// The alternative's only field.
    func field<Key: CodingKey & CaseIterable, Value: FieldValue>(_ key: Key) throws -> Value {
        guard let fields else {
            throw ConfigurationError(
                at: path + [name, key], "expected a value, found nothing")
        }
        return try RecordReader<Key>(fields).required(key)
    }
}

/// Up to three of `names` at the least edit distance from `name`, the nearest first.
func namesNearest(to name: String, among names: [String]) -> [String] {
    let distances = names.map { (name: $0, distance: editDistance(name.lowercased(), $0.lowercased())) }
        .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let least = distances.first?.distance else { return [] }
    return distances.prefix(3).filter { $0.distance <= least + 1 }.map(\.name)
}

/// The edit distance of two texts: insertions, deletions and substitutions (V. I. Levenshtein, 1966).
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let replaced = diagonal + (character == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count]
}
