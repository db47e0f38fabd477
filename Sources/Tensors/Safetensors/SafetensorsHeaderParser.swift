/// A parser of the JSON tokens of a Safetensors header.
///
/// A header may have 100 MB: there is no reference counting for each token, and no memory for names of up to 15 bytes.
struct SafetensorsHeaderParser {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    /// A parser of bytes that stay where they are.
    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func skipSpace() {
        while offset < bytes.count,
            bytes[offset] == 0x20 || (0x09...0x0A).contains(bytes[offset]) || bytes[offset] == 0x0D
        {
            offset += 1
        }
    }

    /// Consumes the given ASCII character if it is next; returns true if it was.
    mutating func accept(_ character: Unicode.Scalar) throws(SafetensorsDefect) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsDefect) {
        guard try accept(character) else { throw .syntax(expected: "'\(character)'", offset: offset) }
    }

    mutating func expectEnd() throws(SafetensorsDefect) {
        skipSpace()
        guard offset == bytes.count else { throw .syntax(expected: "the end", offset: offset) }
    }

    /// Parses a number without sign, fraction or exponent.
    private mutating func integer() throws(SafetensorsDefect) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(Int(bytes[offset] - 0x30))
            guard !isTooLarge, !overflows else {
                throw .syntax(expected: "an integer of 63 bits", offset: start)
            }
            value = sum
            offset += 1
        }
        let hasLeadingZero = offset - start > 1 && bytes[start] == 0x30
        guard offset > start, !hasLeadingZero else {
            throw .syntax(expected: "an integer of at least 0", offset: start)
        }
        return value
    }

    /// Parses an array of up to `limit` integers, which are called `name` in an error.
    mutating func integers(upTo limit: Int, _ name: String) throws(SafetensorsDefect) -> [Int] {
        var all: [Int] = []
        try expect("[")
        if try accept("]") { return all }
        repeat {
            guard all.count < limit else { throw .tooMany(name, limit: limit) }
            all.append(try integer())
        } while try accept(",")
        try expect("]")
        return all
    }

    /// Parses an object of up to `limit` strings, in the order of the text.
    mutating func strings(upTo limit: Int) throws(SafetensorsDefect) -> [(name: String, text: String)] {
        var all: [(name: String, text: String)] = []
        var names: Set<ExactName> = []
        try expect("{")
        if try accept("}") { return all }
        repeat {
            let name = try string()
            guard names.insert(ExactName(name)).inserted else { throw .duplicateName(name) }
            guard names.count <= limit else { throw .tooMany("texts", limit: limit) }
            try expect(":")
            all.append((name, try string()))
        } while try accept(",")
        try expect("}")
        return all
    }

    /// Parses a string.
    mutating func string() throws(SafetensorsDefect) -> String {
        skipSpace()
        let start = offset
        guard try accept("\"") else { throw .syntax(expected: "a string", offset: offset) }
        // What lies between two escape sequences is copied at once; without any, nothing is copied.
        var decoded: [UInt8] = []
        var copiedEnd = offset
        var union: UInt8 = 0
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            let byte = bytes[offset]
            guard byte >= 0x20 else { throw .syntax(expected: "no control character", offset: offset) }
            offset += 1
            union |= byte
            guard byte == UInt8(ascii: "\\") else { continue }
            if copiedEnd < offset - 1 { decoded.append(contentsOf: bytes[copiedEnd..<offset - 1]) }
            let character = try escapedCharacter()
            if character.isASCII {
                decoded.append(UInt8(ascii: character))
            } else {
                decoded.append(contentsOf: Unicode.UTF8.encode(character)!)
            }
            copiedEnd = offset
        }
        guard offset < bytes.count else { throw .syntax(expected: "the string's end", offset: offset) }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[copiedEnd..<offset])
        offset += 1
        // What is ASCII need not be validated, which takes as long as all else for a short name.
        if decoded.isEmpty, union < 0x80 { return String(decoding: rest, as: UTF8.self) }
        if !decoded.isEmpty { decoded.append(contentsOf: rest) }
        let string =
            decoded.isEmpty
            ? String(validating: rest, as: UTF8.self) : String(validating: decoded, as: UTF8.self)
        guard let string else { throw .syntax(expected: "a string in UTF-8", offset: start) }
        return string
    }

    /// Parses an escape sequence after its backslash.
    private mutating func escapedCharacter() throws(SafetensorsDefect) -> Unicode.Scalar {
        guard offset < bytes.count else { throw .syntax(expected: "the string's end", offset: offset) }
        let letter = Unicode.Scalar(bytes[offset])
        offset += 1
        switch letter {
        case "\"", "\\", "/": return letter
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let first = try codeUnit()
            guard (0xD800..<0xDC00).contains(first) else { return try scalar(UInt32(first)) }
            guard bytes.count - offset >= 2, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            else {
                throw .syntax(expected: "the second half of a pair of surrogates", offset: offset)
            }
            offset += 2
            let second = try codeUnit()
            guard (0xDC00..<0xE000).contains(second) else {
                throw .syntax(expected: "the second half of a pair of surrogates", offset: offset)
            }
            return try scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
        default: throw .syntax(expected: "an escape sequence of JSON", offset: offset - 1)
        }
    }

    private func scalar(_ value: UInt32) throws(SafetensorsDefect) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else {
            throw .syntax(expected: "a character of Unicode", offset: offset)
        }
        return scalar
    }

    /// Parses a UTF-16 code unit of four hexadecimal digits.
    private mutating func codeUnit() throws(SafetensorsDefect) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Self.hexadecimalDigit(bytes[offset]) else {
                throw .syntax(expected: "a hexadecimal digit", offset: offset)
            }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
