/// The supported types of scalars, with the format's names.
enum SafetensorsScalarType: String, Sendable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case uint8 = "U8"

    var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16: 2
        case .uint8: 1
        }
    }
}

/// The header of a Safetensors file: a JSON object with an entry for each tensor, and the metadata.
///
/// The parser accepts this grammar and no other JSON. It does not recurse, and rejects duplicate names.
struct SafetensorsHeader {
    struct Entry: Sendable {
        let type: SafetensorsScalarType
        let shape: [Int]
        /// The range of bytes in the data that follows the header.
        let range: Range<Int>
    }

    private(set) var entries: [(name: String, entry: Entry)] = []
    private(set) var metadata: [String: String] = [:]

    init(parsing bytes: [UInt8]) throws(SafetensorsDefect) {
        var parser = SafetensorsHeaderParser(bytes: bytes)
        var names: Set<String> = []
        try parser.expect("{")
        if try !parser.accept("}") {
            repeat {
                let name = try parser.string()
                guard names.insert(name).inserted else { throw .duplicateName(name) }
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
        guard let scalarType = SafetensorsScalarType(rawValue: type) else {
            throw .unknownScalarType(name: name, found: type)
        }
        guard offsets[0] <= offsets[1] else {
            throw .offsets(name: name, begin: offsets[0], end: offsets[1], available: offsets[1])
        }
        let found = offsets[1] - offsets[0]
        let expected = byteCount(shape: shape, type: scalarType)
        guard expected == found else { throw .byteCount(name: name, expected: expected, found: found) }
        return Entry(type: scalarType, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The number of bytes of a tensor; `nil` if the product overflows.
    private static func byteCount(shape: [Int], type: SafetensorsScalarType) -> Int? {
        var product = type.byteCount
        for extent in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    /// Checks that the tensors' data cover `available` bytes without overlap or gap.
    func checkLayout(available: Int) throws(SafetensorsDefect) {
        let order = entries.sorted {
            ($0.entry.range.lowerBound, $0.entry.range.upperBound)
                < ($1.entry.range.lowerBound, $1.entry.range.upperBound)
        }
        var end = 0
        for (name, entry) in order {
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
