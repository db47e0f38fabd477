/// The header of a Safetensors file: a JSON object with an entry for each tensor, and the metadata.
///
/// The parser accepts this grammar and no other JSON. It does not recurse, and rejects duplicate names.
struct SafetensorsHeader {
    struct Entry: Sendable {
        /// The type in the format's words.
        let typeName: String
        /// The type; `nil` if it is not known.
        let type: SafetensorsScalarType?
        let shape: [Int]
        /// The range of bytes in the data that follows the header.
        let range: Range<Int>
    }

    /// The tensors in the order of the header.
    private(set) var entries: [(name: String, entry: Entry)] = []
    /// The places of the names among the entries.
    private(set) var indices: [ExactName: Int] = [:]
    /// The indices of the entries in the order of their data.
    private(set) var order: [Int] = []
    /// The metadata in the order of the file.
    private(set) var metadata: [(name: String, text: String)] = []

    /// The most tensors, and the most texts of the metadata. The format has no limit, but a header of 100 MB has room for ten
    /// million names, each of which takes 0.4 to 1.5 µs (with its text, or with its tensor's entry).
    static let largestNameCount = 1 << 19
    /// The most axes of a tensor. The format has no limit; integers take four times the memory of their digits.
    static let largestRank = 255

    init(parsing bytes: UnsafeRawBufferPointer) throws(SafetensorsDefect) {
        var parser = SafetensorsHeaderParser(bytes: bytes)
        var hasMetadata = false
        try parser.expect("{")
        if try !parser.accept("}") {
            repeat {
                let name = try parser.string()
                try parser.expect(":")
                if name == "__metadata__" {
                    guard !hasMetadata else { throw .duplicateName(name) }
                    hasMetadata = true
                    metadata = try parser.strings(upTo: Self.largestNameCount)
                    continue
                }
                guard entries.count < Self.largestNameCount else {
                    throw .tooMany("tensors", limit: Self.largestNameCount)
                }
                guard indices.updateValue(entries.count, forKey: ExactName(name)) == nil else {
                    throw .duplicateName(name)
                }
                entries.append((name, try Self.entry(named: name, from: &parser)))
            } while try parser.accept(",")
            try parser.expect("}")
        }
        try parser.expectEnd()
        // Tensors without bytes come before the one that begins where they lie. Numbers alone are sorted: entries have
        // reference counts.
        order = entries.enumerated()
            .map { (begin: $1.entry.range.lowerBound, end: $1.entry.range.upperBound, index: $0) }
            .sorted { ($0.begin, $0.end, $0.index) < ($1.begin, $1.end, $1.index) }
            .map(\.index)
    }

    private static func entry(
        named name: String, from parser: inout SafetensorsHeaderParser
    ) throws(SafetensorsDefect) -> Entry {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        try parser.expect("{")
        repeat {
            let field = try parser.string()
            try parser.expect(":")
            switch field {
            case "dtype" where type == nil: type = try parser.string()
            case "shape" where shape == nil: shape = try parser.integers(upTo: largestRank, "axes")
            case "data_offsets" where offsets == nil:
                offsets = try parser.integers(upTo: largestRank, "offsets")
            case "dtype", "shape", "data_offsets": throw .duplicateName("\(name).\(field)")
            default: throw .syntax(expected: "dtype, shape or data_offsets", offset: parser.offset)
            }
        } while try parser.accept(",")
        try parser.expect("}")
        guard let type else { throw .missingField(name: name, field: "dtype") }
        guard let shape else { throw .missingField(name: name, field: "shape") }
        guard let offsets, offsets.count == 2 else { throw .missingField(name: name, field: "data_offsets") }
        guard offsets[0] <= offsets[1] else {
            throw .offsets(name: name, begin: offsets[0], end: offsets[1], available: offsets[1])
        }
        let range = offsets[0]..<offsets[1]
        let scalarType = SafetensorsScalarType(rawValue: type)
        // Of scalars of another type nobody knows the size here: their bytes are those that the offsets give.
        if let scalarType { try check(range.count, isSizeOf: shape, type: scalarType, name: name) }
        return Entry(typeName: type, type: scalarType, shape: shape, range: range)
    }

    private static func check(
        _ found: Int, isSizeOf shape: [Int], type: SafetensorsScalarType, name: String
    ) throws(SafetensorsDefect) {
        var bitCount = type.bitCount
        for extent in shape {
            let (product, overflow) = bitCount.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw .byteCount(name: name, expected: nil, found: found) }
            bitCount = product
        }
        guard bitCount % 8 == 0 else { throw .notWholeBytes(name: name, bitCount: bitCount) }
        guard bitCount / 8 == found else {
            throw .byteCount(name: name, expected: bitCount / 8, found: found)
        }
    }

    /// Checks that the tensors' data cover `available` bytes without overlap or gap.
    func checkLayout(available: Int) throws(SafetensorsDefect) {
        var end = 0
        for (name, entry) in order.lazy.map({ entries[$0] }) {
            guard entry.range.upperBound <= available else {
                throw .offsets(
                    name: name, begin: entry.range.lowerBound, end: entry.range.upperBound,
                    available: available)
            }
            guard entry.range.lowerBound == end else {
                throw .notContiguous(name: name, expectedBegin: end, found: entry.range.lowerBound)
            }
            end = entry.range.upperBound
        }
        guard end == available else { throw .trailingBytes(available - end) }
    }
}
