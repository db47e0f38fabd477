/// A coding key of any name or index.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { stringValue = String(intValue) }
}

/// A reader of a record's fields that rejects unknown fields by name.
struct RecordReader<Key: CodingKey & CaseIterable> {
    private let path: [any CodingKey]
    private let fields: KeyedDecodingContainer<FieldName>

    init(_ decoder: any Decoder) throws {
        path = decoder.codingPath
        let known = Key.allCases.map(\.stringValue)
        guard let fields = try? decoder.container(keyedBy: FieldName.self) else {
            throw ConfigurationError(
                at: path,
                "expected a record of \(known.joined(separator: ", ")), found \(content(of: decoder))")
        }
        for name in fields.allKeys.map(\.stringValue).sorted() where !known.contains(name) {
            throw ConfigurationError(
                at: path + [FieldName(stringValue: name)],
                "unknown field; the nearest known: "
                    + namesNearest(to: name, among: known).joined(separator: ", "))
        }
        self.fields = fields
    }

    /// The value of a required field.
    func required<Value: FieldValue>(_ key: Key) throws -> Value {
        let name = FieldName(stringValue: key.stringValue)
        guard fields.contains(name) else {
            throw ConfigurationError(at: path + [name], "expected a value, found nothing")
        }
        return try Value(reading: fields.superDecoder(forKey: name))
    }

    /// Updates a field from the document, if it has it.
    func update(_ key: Key, _ value: inout some FieldValue) throws {
        let name = FieldName(stringValue: key.stringValue)
        if fields.contains(name) { try value.update(reading: fields.superDecoder(forKey: name)) }
    }
}

/// One of several alternatives: its name, or a record from its name alone to the alternative's fields.
struct ChoiceReader<Name: CodingKey & CaseIterable> {
    let name: Name
    private let path: [any CodingKey]
    private let fields: (any Decoder)?

    init(_ decoder: any Decoder) throws {
        path = decoder.codingPath
        if let text = try? decoder.singleValueContainer().decode(String.self),
            let name = Name(stringValue: text)
        {
            self.name = name
            fields = nil
            return
        }
        if let record = try? decoder.container(keyedBy: FieldName.self), record.allKeys.count == 1,
            let name = Name(stringValue: record.allKeys[0].stringValue)
        {
            self.name = name
            fields = try record.superDecoder(forKey: record.allKeys[0])
            return
        }
        let names = Name.allCases.map(\.stringValue).joined(separator: ", ")
        throw ConfigurationError(
            at: path, "expected one of \(names), found \(content(of: decoder))")
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
