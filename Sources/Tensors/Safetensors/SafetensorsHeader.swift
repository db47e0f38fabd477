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

    /// The tensors in the order of their data.
    private(set) var entries: [(name: String, entry: Entry)] = []
    /// The metadata in the order of the file.
    private(set) var metadata: [(name: String, text: String)] = []

    init(parsing bytes: [UInt8]) throws(SafetensorsDefect) {
        var parser = SafetensorsHeaderParser(bytes: bytes)
        var names: Set<ExactName> = []
        try parser.expect("{")
        if try !parser.accept("}") {
            repeat {
                let name = try parser.string()
                guard names.insert(ExactName(name)).inserted else { throw .duplicateName(name) }
                try parser.expect(":")
                if name == "__metadata__" {
                    metadata = try parser.strings()
                } else {
                    entries.append((name, try Self.entry(named: name, from: &parser)))
                }
            } while try parser.accept(",")
            try parser.expect("}")
        }
        try parser.expectEnd()
        // Tensors without bytes come before the one that begins where they lie.
        entries.sort {
            ($0.entry.range.lowerBound, $0.entry.range.upperBound)
                < ($1.entry.range.lowerBound, $1.entry.range.upperBound)
        }
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
            case "shape" where shape == nil: shape = try parser.integers()
            case "data_offsets" where offsets == nil: offsets = try parser.integers()
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
        for (name, entry) in entries {
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
