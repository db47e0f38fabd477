/// A configuration's text after parsing and before anything is decoded of it: records, lists and scalars.
///
/// Scalars stay as they were written: which of them are numbers is known where they are read, and no number is changed
/// on the way.
public struct ConfigurationDocument: Sendable {
    /// What a document consists of.
    public indirect enum Content: Sendable {
        /// A scalar without quotes: a number, `true`, `false`, `null` or a name.
        case plain(String)
        /// A scalar in quotes: a name, never a number.
        case quoted(String)
        /// A list of documents.
        case list([ConfigurationDocument])
        /// Documents under names, of which none stands twice.
        case record([(name: String, value: ConfigurationDocument)])
    }

    /// What the document consists of.
    public let content: Content

    /// The most scalars, lists and records in a document, those that aliases repeat included.
    public static let largestValueCount = 10_000
    /// The deepest nesting of lists and records.
    public static let largestDepth = 64

    /// A document of the given content.
    public init(_ content: Content) { self.content = content }

    /// Records within each other along `path` around a document.
    public init(at path: [String], _ document: ConfigurationDocument) {
        self = path.reversed().reduce(document) { .init(.record([($1, $0)])) }
    }
}

/// A parser's complaint about a text that is not of its format.
public struct ConfigurationSyntaxError: Error, Equatable, Sendable {
    /// The complaint in one line, at most 200 characters, with the line and the column where they are known.
    public let problem: String

    /// A complaint in the words of a parser.
    ///
    /// - Parameters:
    ///   - text: the parser's words; of several lines the first two are kept.
    ///   - place: where in the text, both counted from 1.
    public init(_ text: String, at place: (line: Int, column: Int)? = nil) {
        let said = text.split(separator: "\n").prefix(2).joined(separator: " ").prefix(200)
        let location = place.map { "line \($0.line), column \($0.column): " } ?? ""
        problem = location + (said.hasSuffix(":") ? said.dropLast() : said)
    }

    /// A complaint about a byte of a text in UTF-8. Columns count characters of Unicode.
    public init(_ text: String, atByte offset: Int, of bytes: some Collection<UInt8>) {
        let before = Array(bytes.prefix(offset))
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // All bytes but those that continue a character.
        let column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
        self.init(text, at: (1 + before.count { $0 == 0x0A }, column))
    }

    /// The complaint about more values than ``ConfigurationDocument/largestValueCount``.
    public static let tooManyValues =
        "expected at most \(ConfigurationDocument.largestValueCount) values, found more"
    /// The complaint about a nesting deeper than ``ConfigurationDocument/largestDepth``.
    public static let tooDeep =
        "expected at most \(ConfigurationDocument.largestDepth) levels of nesting, found more"
}

extension ConfigurationDocument: Decodable {
    /// A document from any decoder's. Numbers have the form in which `Int` and `Double` write them.
    public init(from decoder: any Decoder) throws {
        // Twice, because other things may lie around a document.
        guard decoder.codingPath.count <= 2 * Self.largestDepth else {
            throw ConfigurationSyntaxError(ConfigurationSyntaxError.tooDeep)
        }
        if let record = try? decoder.container(keyedBy: FieldName.self) {
            content = .record(
                try record.allKeys.map { ($0.stringValue, try record.decode(Self.self, forKey: $0)) })
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var values: [ConfigurationDocument] = []
            while !list.isAtEnd { values.append(try list.decode(Self.self)) }
            content = .list(values)
            return
        }
        let scalar = try decoder.singleValueContainer()
        if scalar.decodeNil() {
            content = .plain("null")
        } else if let truth = try? scalar.decode(Bool.self) {
            content = .plain("\(truth)")
        } else if let integer = try? scalar.decode(Int.self) {
            content = .plain("\(integer)")
        } else if let number = try? scalar.decode(Double.self) {
            content = .plain("\(number)")
        } else {
            content = .quoted(try scalar.decode(String.self))
        }
    }
}
