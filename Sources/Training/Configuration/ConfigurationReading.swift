import Terminator

extension NetworkConfiguration {
    /// Reads a configuration from a file. Fields that the file does not have take their defaults; the configuration is
    /// valid.
    ///
    /// - Parameters:
    ///   - path: The path of the file, of at most 1 MiB.
    ///   - format: The format of the file.
    public init<Format: ConfigurationFormat>(
        contentsOf path: String, as format: Format.Type = JSONFormat.self
    ) throws(ConfigurationSourceError) {
        let text = try Self.text(at: path)
        self = try Self.reading(path, as: format) {
            let document = try format.document(parsing: text)
            let configuration = try format.decode(Self.self, from: document, userInfo: [:])
            try configuration.validate()
            return configuration
        }
    }

    /// Takes the fields that a file has; the others stay. The result is to be validated.
    ///
    /// Where a list stands, a record with indices for names changes the elements at these indices.
    ///
    /// - Parameters:
    ///   - path: The path of the file, of at most 1 MiB.
    ///   - format: The format of the file.
    public mutating func update<Format: ConfigurationFormat>(
        contentsOf path: String, as format: Format.Type = JSONFormat.self
    ) throws(ConfigurationSourceError) {
        let text = try Self.text(at: path)
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
        guard path.allSatisfy({ !$0.isEmpty }) else { throw .init(source: text, reason: .notASetting) }
        let value = String(text[text.index(after: equals)...])
        try update(source: text, as: format) { try format.document(settingFieldAt: path, to: value) }
    }

    private mutating func update<Format: ConfigurationFormat>(
        source: String, as format: Format.Type, with document: () throws -> Format.Document
    ) throws(ConfigurationSourceError) {
        let before = self
        self = try Self.reading(source, as: format) {
            try format.decode(Update.self, from: document(), userInfo: [Update.base: before]).configuration
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

    private static func text(at path: String) throws(ConfigurationSourceError) -> String {
        let bytes: [UInt8]
        do throws(DataFileError) {
            bytes = try ByteStream(path: path).read(upTo: largestFile + 1)
        } catch {
            throw .init(source: path, reason: .inaccessible(error.reason.description))
        }
        guard bytes.count <= largestFile else {
            throw .init(source: path, reason: .tooLarge(maximumBytes: largestFile))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A configuration that takes what a document has: decoders begin with nothing, so the base comes along beside it.
private struct Update: Decodable {
    static let base = CodingUserInfoKey(rawValue: "base")!
    var configuration: NetworkConfiguration

    init(from decoder: any Decoder) throws {
        guard let base = decoder.userInfo[Self.base] as? NetworkConfiguration else {
            fatalError("expected the configuration to update, got \(decoder.userInfo)")
        }
        configuration = base
        try configuration.update(reading: decoder)
    }
}
