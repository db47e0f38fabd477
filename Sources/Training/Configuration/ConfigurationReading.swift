import Runtime
import Terminator

extension NetworkConfiguration {
    /// Reads a configuration from a file. Fields that the file does not have take their defaults; the configuration is
    /// valid.
    ///
    /// - Parameters:
    ///   - path: The path of the file, of at most 1 MiB in UTF-8; it may be a pipe.
    ///   - format: The format of the file.
    public init<Format: ConfigurationFormat>(
        contentsOf path: String, as format: Format.Type = JSONFormat.self
    ) throws(ConfigurationSourceError) {
        let text = try Self.text(at: path, as: format)
        self = try Self.reading(path, as: format) {
            let configuration = try Self(reading: format.document(parsing: text))
            try configuration.validate()
            return configuration
        }
    }

    /// Takes the fields that a file has; the others stay. The result is to be validated.
    ///
    /// Where a list stands, a record with indices for names changes the elements at these indices.
    ///
    /// - Parameters:
    ///   - path: The path of the file, of at most 1 MiB in UTF-8; it may be a pipe.
    ///   - format: The format of the file.
    public mutating func update<Format: ConfigurationFormat>(
        contentsOf path: String, as format: Format.Type = JSONFormat.self
    ) throws(ConfigurationSourceError) {
        let text = try Self.text(at: path, as: format)
        try update(source: path, as: format) { try format.document(parsing: text) }
    }

    /// Takes one field from a text such as `blocks.2.dropout=0.1`: the names and indices on the way to the field, and
    /// its value. The result is to be validated.
    ///
    /// - Parameters:
    ///   - text: The field and its value.
    ///   - format: The format of the value; in JSON, names of choices need no quotes.
    public mutating func update<Format: ConfigurationFormat>(
        setting text: String, as format: Format.Type = JSONFormat.self
    ) throws(ConfigurationSourceError) {
        guard let equals = text.firstIndex(of: "=") else { throw .init(source: text, reason: .notASetting) }
        // As messages write it, `blocks[2].dropout` will do too.
        let path = text[..<equals].replacing("[", with: ".").replacing("]", with: "")
            .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }), path.count <= ConfigurationDocument.largestDepth else {
            throw .init(source: text, reason: .notASetting)
        }
        let value = String(text[text.index(after: equals)...])
        try update(source: text, as: format) {
            ConfigurationDocument(at: path, try format.document(parsingSetting: value))
        }
    }

    private mutating func update<Format: ConfigurationFormat>(
        source: String, as format: Format.Type, with document: () throws -> ConfigurationDocument
    ) throws(ConfigurationSourceError) {
        let before = self
        self = try Self.reading(source, as: format) {
            var updated = before
            try updated.update(reading: document())
            return updated
        }
    }

    /// The result of `body`, whose errors get their source.
    private static func reading<Format: ConfigurationFormat>(
        _ source: String, as format: Format.Type, _ body: () throws -> Self
    ) throws(ConfigurationSourceError) -> Self {
        do {
            return try body()
        } catch let error as ConfigurationError {
            throw .init(source: source, reason: .fields(error))
        } catch {
            let syntax = error as? ConfigurationSyntaxError ?? ConfigurationSyntaxError("\(error)")
            throw .init(source: source, reason: .syntax(format: format.name, problem: syntax.problem))
        }
    }

    /// The most bytes that a configuration may have.
    private static let largestFile = 1 << 20

    private static func text<Format: ConfigurationFormat>(
        at path: String, as format: Format.Type
    ) throws(ConfigurationSourceError) -> String {
        var bytes: [UInt8]
        do throws(FileError) {
            bytes = try InputFile.contents(of: path, limit: largestFile)
        } catch {
            if case .tooLarge = error.reason {
                throw .init(source: path, reason: .tooLarge(maximumBytes: largestFile))
            }
            throw .init(source: path, reason: .inaccessible("cannot be read: \(error.reason)"))
        }
        // The mark that some editors put before a text in UTF-8.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let offset = lengthOfValidUTF8(bytes)
            let error = ConfigurationSyntaxError(
                "expected UTF-8, found the byte \(String(bytes[offset], radix: 16))",
                atByte: offset, of: bytes)
            throw .init(source: path, reason: .syntax(format: format.name, problem: error.problem))
        }
        return text
    }
}

/// The number of bytes before the first that belongs to no character.
private func lengthOfValidUTF8(_ bytes: [UInt8]) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var count = 0
    while case .valid(let character) = parser.parseScalar(from: &rest) { count += character.count }
    return count
}
