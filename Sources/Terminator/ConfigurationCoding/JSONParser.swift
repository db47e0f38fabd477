import Foundation

/// A parser of JSON (RFC 8259) that keeps numbers as they are written.
///
/// Foundation's decoder takes `1.0` and `1e2` for integers, the first of two fields with one name, and numbers too small
/// for zero.
///
/// - Complexity: O(*n*) for a text of *n* bytes; the nesting is bounded.
struct JSONParser {
    private let bytes: [UInt8]
    private var offset = 0
    private var valueCount = 0

    /// The document that `text` writes.
    static func document(_ text: String) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        var parser = JSONParser(bytes: Array(text.utf8))
        let document = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.next == nil else { throw parser.unexpected("the end") }
        return document
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    // MARK: - Values

    private mutating func value(depth: Int) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        skipSpace()
        valueCount += 1
        guard valueCount <= ConfigurationDocument.largestValueCount else {
            throw error(ConfigurationSyntaxError.tooManyValues)
        }
        switch next {
        case UInt8(ascii: "{"): return try record(depth: depth + 1)
        case UInt8(ascii: "["): return try list(depth: depth + 1)
        case UInt8(ascii: "\""): return ConfigurationDocument(.quoted(try string()))
        default: return ConfigurationDocument(.plain(try word()))
        }
    }

    private mutating func list(depth: Int) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        try checkDepth(depth)
        offset += 1
        var elements: [ConfigurationDocument] = []
        if accept("]") { return ConfigurationDocument(.list(elements)) }
        repeat { elements.append(try value(depth: depth)) } while accept(",")
        guard accept("]") else { throw unexpected("',' or ']'") }
        return ConfigurationDocument(.list(elements))
    }

    private mutating func record(depth: Int) throws(ConfigurationSyntaxError) -> ConfigurationDocument {
        try checkDepth(depth)
        offset += 1
        var fields: [(name: String, value: ConfigurationDocument)] = []
        var names: Set<String> = []
        if accept("}") { return ConfigurationDocument(.record(fields)) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
            let start = offset
            let name = try string()
            guard names.insert(name).inserted else {
                offset = start
                throw error("the name '\(abbreviated(name))' stands twice in a record")
            }
            guard accept(":") else { throw unexpected("':'") }
            fields.append((name, try value(depth: depth)))
        } while accept(",")
        guard accept("}") else { throw unexpected("',' or '}'") }
        return ConfigurationDocument(.record(fields))
    }

    private func checkDepth(_ depth: Int) throws(ConfigurationSyntaxError) {
        guard depth <= ConfigurationDocument.largestDepth else {
            throw error(ConfigurationSyntaxError.tooDeep)
        }
    }

    // MARK: - Scalars

    /// A number, `true`, `false` or `null`.
    private mutating func word() throws(ConfigurationSyntaxError) -> String {
        let end = bytes[offset...].firstIndex { !Self.isOfWords($0) } ?? bytes.endIndex
        let word = String(decoding: bytes[offset..<end], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Self.isNumber(bytes[offset..<end]) else {
            let name = word.drop { "+-".contains($0) }.lowercased()
            guard !["nan", "inf", "infinity"].contains(name) else {
                throw error("expected a finite number, found '\(word)'")
            }
            throw word.isEmpty
                ? unexpected("a value") : error("expected a value of JSON, found '\(abbreviated(word))'")
        }
        offset = end
        return word
    }

    private static func isOfWords(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Whether the bytes are a number: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        func accept(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        func acceptDigits() -> Bool {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest[digits.endIndex...]
            return !digits.isEmpty
        }
        _ = accept("-")
        guard accept("0") || acceptDigits() else { return false }
        if accept("."), !acceptDigits() { return false }
        if accept("eE") {
            _ = accept("+-")
            guard acceptDigits() else { return false }
        }
        return rest.isEmpty
    }

    /// A text in quotes, which is next.
    private mutating func string() throws(ConfigurationSyntaxError) -> String {
        let start = offset
        var end = start + 1
        var hasEscapes = false
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] >= 0x20 {
            let isEscape = bytes[end] == UInt8(ascii: "\\")
            hasEscapes = hasEscapes || isEscape
            end += isEscape ? 2 : 1
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            offset = min(end, bytes.count)
            throw unexpected("the end of a text in quotes")
        }
        offset = end + 1
        guard hasEscapes else { return String(decoding: bytes[start + 1..<end], as: UTF8.self) }
        do {
            return try JSONDecoder().decode(String.self, from: Data(bytes[start...end]))
        } catch {
            offset = start
            throw self.error("expected a text with the escapes of JSON, found others")
        }
    }

    // MARK: - Bytes

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private func unexpected(_ expected: String) -> ConfigurationSyntaxError {
        guard let byte = next else { return error("expected \(expected), found the end of the text") }
        guard byte >= 0x20, byte != 0x7F else {
            return error("expected \(expected), found the byte \(String(byte, radix: 16))")
        }
        let character = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).prefix(1)
        return error("expected \(expected), found '\(character)'")
    }

    private func error(_ problem: String) -> ConfigurationSyntaxError {
        ConfigurationSyntaxError(problem, atByte: offset, of: bytes)
    }
}

extension ConfigurationDocument {
    /// The document that a text in JSON writes.
    ///
    /// - Throws: ``ConfigurationSyntaxError``, also for names that stand twice in a record, for more than
    ///   ``largestValueCount`` values and for a nesting deeper than ``largestDepth``.
    /// - Complexity: O(*n*), where *n* is the number of bytes.
    public init(json text: String) throws(ConfigurationSyntaxError) { self = try JSONParser.document(text) }
}
