import Terminator
import Yams

extension NetworkConfiguration {
    /// Reads a configuration from a YAML or JSON file (JSON is a part of YAML). Fields that the file does not have take
    /// their defaults; the configuration is valid.
    public init(contentsOf path: String) throws(ConfigurationSourceError) {
        let document = try Node(contentsOf: path)
        self = try Self.reading(path) {
            let configuration = try YAMLDecoder().decode(Self.self, from: document)
            try configuration.validate()
            return configuration
        }
    }

    /// Takes the fields that a YAML or JSON file has; the others stay. The result is to be validated.
    ///
    /// Where a list stands, a record with indices for names changes the elements at these indices.
    public mutating func update(contentsOf path: String) throws(ConfigurationSourceError) {
        try update(from: try Node(contentsOf: path), source: path)
    }

    /// Takes one field from a text such as `blocks.2.dropout=0.1`: the names and indices on the way to the field, and
    /// its value in YAML. The result is to be validated.
    public mutating func update(setting text: String) throws(ConfigurationSourceError) {
        guard let equals = text.firstIndex(of: "=") else { throw .init(source: text, reason: .notASetting) }
        // As messages write it, `blocks[2].dropout` will do too.
        let path = text[..<equals].replacing("[", with: ".").replacing("]", with: "")
            .split(separator: ".", omittingEmptySubsequences: false)
        guard path.allSatisfy({ !$0.isEmpty }) else { throw .init(source: text, reason: .notASetting) }
        let value = try Node(parsing: String(text[text.index(after: equals)...]), source: text)
        let document = path.reversed().reduce(value) { Node([(Node(String($1)), $0)]) }
        try update(from: document, source: text)
    }

    private mutating func update(from document: Node, source: String) throws(ConfigurationSourceError) {
        let before = self
        self = try Self.reading(source) {
            try YAMLDecoder().decode(Update.self, from: document, userInfo: [Update.base: before])
                .configuration
        }
    }

    private static func reading(
        _ source: String, _ body: () throws -> Self
    ) throws(ConfigurationSourceError) -> Self {
        do {
            return try body()
        } catch let error as ConfigurationError {
            throw .init(source: source, reason: .fields(error))
        } catch {
            throw .init(source: source, reason: .syntax(problem("\(error)")))
        }
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

extension Node {
    /// The most bytes that a configuration may have.
    private static let largestDocument = 1 << 20

    fileprivate init(contentsOf path: String) throws(ConfigurationSourceError) {
        let bytes: [UInt8]
        do throws(DataFileError) {
            bytes = try ByteStream(path: path).read(upTo: Self.largestDocument + 1)
        } catch {
            throw .init(source: path, reason: .inaccessible(error.reason.description))
        }
        guard bytes.count <= Self.largestDocument else {
            throw .init(source: path, reason: .tooLarge(maximumBytes: Self.largestDocument))
        }
        try self.init(parsing: String(decoding: bytes, as: UTF8.self), source: path)
    }

    fileprivate init(parsing text: String, source: String) throws(ConfigurationSourceError) {
        do {
            // Without a resolver all scalars are texts: which of them are numbers is known where they are read.
            self = try compose(yaml: text, .basic) ?? Node("")
        } catch {
            throw .init(source: source, reason: .syntax(problem("\(error)")))
        }
        // Decoders pass over such keys.
        guard hasNamesForKeys else {
            throw .init(source: source, reason: .syntax("a list or a record stands for the name of a field"))
        }
    }

    private var hasNamesForKeys: Bool {
        switch self {
        case .mapping(let mapping): mapping.allSatisfy { $0.key.scalar != nil && $0.value.hasNamesForKeys }
        case .sequence(let sequence): sequence.allSatisfy(\.hasNamesForKeys)
        case .scalar, .alias: true
        }
    }
}

/// What a parser says, without the piece of the document that it puts behind it, which may be long.
private func problem(_ text: String) -> String {
    let said = text.split(separator: "\n").prefix(2).joined(separator: " ").prefix(200)
    return String(said.hasSuffix(":") ? said.dropLast() : said)
}
