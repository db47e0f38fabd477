/// A value of a configuration's field, decoded from a document as a whole or updated from the parts that it has.
protocol FieldValue {
    /// A value from a document alone.
    init(reading field: DocumentField) throws
    /// Updates the parts that the document has; others stay. A value without parts is replaced.
    mutating func update(reading field: DocumentField) throws
}

extension FieldValue {
    mutating func update(reading field: DocumentField) throws { self = try Self(reading: field) }
}

// MARK: - Scalars

extension Int: FieldValue {
    init(reading field: DocumentField) throws {
        guard let number = field.plainText.flatMap({ DecimalNumber.integer($0, as: Int.self) }) else {
            let isTooLarge = field.plainText?.wholeMatch(of: /[+\-]?[0-9]+/) != nil
            throw field.mismatch(expected: isTooLarge ? "a whole number below 2^63" : "a whole number")
        }
        self = number
    }
}

extension Float: FieldValue {
    init(reading field: DocumentField) throws {
        guard let number = field.plainText.flatMap(DecimalNumber.float) else {
            let isOutOfRange = field.plainText.map(DecimalNumber.isDecimal) == true
            throw field.mismatch(expected: isOutOfRange ? "0 or a number from 1e-45 to 3.4e38" : "a number")
        }
        self = number
    }
}

extension Bool: FieldValue {
    init(reading field: DocumentField) throws {
        switch field.plainText {
        case "true", "True", "TRUE": self = true
        case "false", "False", "FALSE": self = false
        default: throw field.mismatch(expected: "true or false")
        }
    }
}

/// Options without fields are coded as their names.
extension FieldValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    init(reading field: DocumentField) throws {
        guard let choice = field.text.flatMap(Self.init(rawValue:)) else {
            throw field.mismatch(
                expected: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = choice
    }
}

// MARK: - Lists

extension Array: FieldValue where Element: FieldValue {
    init(reading field: DocumentField) throws {
        guard let elements = field.elements else { throw field.mismatch(expected: "a list") }
        self = try elements.map(Element.init(reading:))
    }

    /// A list replaces all elements; a record with indices for names changes those elements.
    mutating func update(reading field: DocumentField) throws {
        guard let elements = field.record else {
            self = try Self(reading: field)
            return
        }
        for (name, value) in elements {
            guard let index = DecimalNumber.integer(name, as: Int.self), indices.contains(index) else {
                let range = isEmpty ? "no index, as there is no element" : "an index from 0 to \(count - 1)"
                throw ConfigurationError(at: field.path, "expected \(range), found '\(abbreviated(name))'")
            }
            try self[index].update(reading: value)
        }
    }
}
