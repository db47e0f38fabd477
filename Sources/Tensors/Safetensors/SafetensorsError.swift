/// An error in reading or writing a Safetensors file; each case names the file.
public enum SafetensorsError: Error, Equatable, Sendable {
    /// The system could not read the file.
    case unreadable(path: String, reason: String)
    /// The system could not write the file; an existing file is unchanged.
    case unwritable(path: String, reason: String)
    /// The file's content is not in the Safetensors format, or truncated.
    case malformed(path: String, SafetensorsDefect)
    /// There is no tensor with the given name.
    case missing(path: String, name: String)
    /// The tensor's scalars are not of the requested kind.
    case wrongScalarType(path: String, name: String, expected: String, found: String)
    /// The tensor's shape is not of the requested kind.
    case wrongShape(path: String, name: String, expected: String, found: [Int])
    /// A text of the metadata is missing (`nil`) or not of the requested kind.
    case wrongMetadata(path: String, name: String, expected: String, found: String?)
    /// An unsigned integer of 64 bits exceeds `Int.max`; `index` is its place in row-major order.
    case integerTooLarge(path: String, name: String, index: Int, found: UInt64)
}

/// A defect in the content of a Safetensors file.
public enum SafetensorsDefect: Error, Equatable, Sendable {
    /// The file is shorter than the eight bytes that give the header's length.
    case noHeader(byteCount: Int)
    /// The header's length, as given, exceeds the file's length or the format's limit.
    case headerLength(UInt64, available: Int)
    /// The header violates the format's grammar.
    case syntax(expected: String, offset: Int)
    /// A name occurs twice: a tensor's, a field's or one in the metadata.
    case duplicateName(String)
    /// The header has more tensors, texts of metadata, or axes of one tensor than are read.
    case tooMany(String, limit: Int)
    /// A tensor's entry lacks a field.
    case missingField(name: String, field: String)
    /// A tensor's offsets are out of order, or outside the file's data.
    case offsets(name: String, begin: Int, end: Int, available: Int)
    /// A tensor's shape and type require another number of bytes than its offsets give; `nil` if it exceeds 63 bits.
    case byteCount(name: String, expected: Int?, found: Int)
    /// A tensor of scalars of 4 or 6 bits does not fill its last byte.
    case notWholeBytes(name: String, bitCount: Int)
    /// A tensor's data does not begin where the data before it ends: they overlap or leave a gap.
    case notContiguous(name: String, expectedBegin: Int, found: Int)
    /// Bytes follow the last tensor's data.
    case trailingBytes(Int)
}

extension SafetensorsError: CustomStringConvertible {
    /// A description in one line.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .malformed(let path, let defect): "\(path): not a valid Safetensors file: \(defect)"
        case .missing(let path, let name): "\(path): there is no tensor '\(name)'"
        case .wrongScalarType(let path, let name, let expected, let found):
            "\(path): expected '\(name)' to hold \(expected), found \(found)"
        case .wrongShape(let path, let name, let expected, let found):
            "\(path): expected '\(name)' of the shape \(expected), found \(found)"
        case .wrongMetadata(let path, let name, let expected, let found):
            "\(path): expected \(expected) as '\(name)' in the metadata, found \(found.map { "'\($0)'" } ?? "nothing")"
        case .integerTooLarge(let path, let name, let index, let found):
            "\(path): expected integers up to \(Int.max) in '\(name)', found \(found) at index \(index)"
        }
    }
}

extension SafetensorsDefect: CustomStringConvertible {
    /// A description in one line.
    public var description: String {
        switch self {
        case .noHeader(let byteCount): "expected at least 8 bytes, found \(byteCount)"
        case .headerLength(let length, let available):
            "the header's length is given as \(length) bytes; \(available) are possible"
        case .syntax(let expected, let offset): "expected \(expected) at byte \(offset) of the header"
        case .duplicateName(let name): "'\(name)' occurs twice"
        case .tooMany(let what, let limit): "expected at most \(limit) \(what), found more"
        case .missingField(let name, let field): "'\(name)' has no \(field)"
        case .offsets(let name, let begin, let end, let available):
            "'\(name)' lies at bytes \(begin) up to \(end) of \(available)"
        case .byteCount(let name, let expected, let found):
            "'\(name)' needs \(expected.map(String.init) ?? "uncountably many") bytes by its shape and has \(found)"
        case .notWholeBytes(let name, let bitCount):
            "'\(name)' has \(bitCount) bits by its shape, which are no whole bytes"
        case .notContiguous(let name, let expectedBegin, let found):
            "the data of '\(name)' begins at byte \(found) instead of \(expectedBegin)"
        case .trailingBytes(let count): "\(count) bytes follow the last tensor"
        }
    }
}
