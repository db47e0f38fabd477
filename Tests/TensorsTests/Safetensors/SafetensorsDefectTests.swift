import Foundation
import Tensors
import TestSupport
import Testing

/// Truncated and malformed files: each defect is reported as such.
@Suite struct SafetensorsDefectTests {
    private let file: SafetensorsFile
    private var path: String { file.path }

    init() throws { file = try SafetensorsFile() }

    /// Expects the defect of a file with the given header and eight bytes of data.
    private func expect(
        _ defect: SafetensorsDefect, header: String, length: UInt64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try file.write(header, data: Array(repeating: 0, count: 8), length: length)
        #expect(throws: SafetensorsError.malformed(path: path, defect), sourceLocation: sourceLocation) {
            try Safetensors(contentsOf: path)
        }
    }

    @Test func lengthsOfTheHeader() throws {
        try expect(.headerLength(.max, available: 10), header: "{}", length: .max)
        try expect(.headerLength(1 << 63, available: 10), header: "{}", length: 1 << 63)
        try expect(.headerLength(11, available: 10), header: "{}", length: 11)
        try expect(.syntax(expected: "'{'", offset: 0), header: "{}", length: 0)
        for count in 0..<8 {
            try Data(repeating: 0, count: count).write(to: URL(fileURLWithPath: path))
            #expect(throws: SafetensorsError.malformed(path: path, .noHeader(byteCount: count))) {
                try Safetensors(contentsOf: path)
            }
        }
    }

    @Test func offsets() throws {
        let whole = file.entry("F32", "[2]", 0, 8)
        try expect(
            .offsets(name: "a", begin: 0, end: 12, available: 8),
            header: "{\"a\":\(file.entry("F32", "[3]", 0, 12))}")
        try expect(
            .offsets(name: "a", begin: 8, end: 0, available: 0),
            header: "{\"a\":\(file.entry("F32", "[2]", 8, 0))}")
        try expect(
            .notContiguous(name: "a", expectedBegin: 0, found: 4),
            header: "{\"a\":\(file.entry("F32", "[1]", 4, 8))}")
        try expect(.trailingBytes(4), header: "{\"a\":\(file.entry("F32", "[1]", 0, 4))}")
        try expect(.trailingBytes(8), header: "{}")
        // Overlapping.
        try expect(
            .notContiguous(name: "b", expectedBegin: 8, found: 4),
            header: "{\"a\":\(whole),\"b\":\(file.entry("F32", "[1]", 4, 8))}")
        try expect(
            .notContiguous(name: "b", expectedBegin: 8, found: 0), header: "{\"a\":\(whole),\"b\":\(whole)}")
        // Shape and offsets that differ; products that overflow.
        try expect(
            .byteCount(name: "a", expected: 12, found: 8), header: "{\"a\":\(file.entry("F32", "[3]", 0, 8))}"
        )
        try expect(
            .byteCount(name: "a", expected: 16, found: 8), header: "{\"a\":\(file.entry("F64", "[2]", 0, 8))}"
        )
        try expect(
            .byteCount(name: "a", expected: nil, found: 8),
            header: "{\"a\":\(file.entry("F32", "[4611686018427387904,2]", 0, 8))}")
        try expect(
            .byteCount(name: "a", expected: nil, found: 8),
            header: "{\"a\":\(file.entry("F32", "[\(Int.max)]", 0, 8))}")
        // Types that are known by their sizes only; scalars of 4 and 6 bits fill whole bytes or none.
        for (type, extent, expected) in [
            ("BOOL", 9, 9), ("C64", 2, 16), ("F8_E4M3", 4, 4), ("F4", 18, 9), ("F6_E2M3", 8, 6),
        ] {
            try expect(
                .byteCount(name: "a", expected: expected, found: 8),
                header: "{\"a\":\(file.entry(type, "[\(extent)]", 0, 8))}")
        }
        try expect(
            .notWholeBytes(name: "a", bitCount: 60), header: "{\"a\":\(file.entry("F4", "[3,5]", 0, 8))}")
        try expect(
            .notWholeBytes(name: "a", bitCount: 66), header: "{\"a\":\(file.entry("F6_E3M2", "[11]", 0, 8))}")
        // The offsets of a type that nobody knows count nevertheless.
        try expect(
            .offsets(name: "a", begin: 0, end: 9, available: 8),
            header: "{\"a\":\(file.entry("F31", "[2]", 0, 9))}")
        try expect(.trailingBytes(1), header: "{\"a\":\(file.entry("F31", "[2]", 0, 7))}")
    }

    @Test func grammar() throws {
        let whole = file.entry("F32", "[2]", 0, 8)
        try expect(.duplicateName("a"), header: "{\"a\":\(whole),\"a\":\(whole)}")
        try expect(.duplicateName("a"), header: "{\"a\":\(whole),\"\\u0061\":\(whole)}")
        try expect(.duplicateName("k"), header: "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"},\"a\":\(whole)}")
        try expect(
            .duplicateName("a.dtype"),
            header: "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")
        try expect(
            .missingField(name: "a", field: "dtype"), header: "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}"
        )
        try expect(
            .missingField(name: "a", field: "shape"),
            header: "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}")
        try expect(
            .missingField(name: "a", field: "data_offsets"),
            header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}")
        try expect(.syntax(expected: "'{'", offset: 0), header: "[]")
        try expect(.syntax(expected: "'}'", offset: 1 + 4 + whole.utf8.count), header: "{\"a\":\(whole)")
        try expect(.syntax(expected: "the end", offset: 2), header: "{}{}")
        try expect(.syntax(expected: "a string", offset: 1), header: "{,}")
        try expect(.syntax(expected: "the string's end", offset: 3), header: "{\"a")
        try expect(
            .syntax(expected: "an integer of at least 0", offset: 29),
            header: "{\"a\":\(file.entry("F32", "[-2]", 0, 8))}")
        try expect(
            .syntax(expected: "']'", offset: 30), header: "{\"a\":\(file.entry("F32", "[2.0]", 0, 8))}")
        try expect(
            .syntax(expected: "an integer of 63 bits", offset: 29),
            header: "{\"a\":\(file.entry("F32", "[9223372036854775808]", 0, 8))}")
        try expect(
            .syntax(expected: "an integer of at least 0", offset: 29),
            header: "{\"a\":\(file.entry("F32", "[02]", 0, 8))}")
        try expect(.syntax(expected: "no control character", offset: 2), header: "{\"\u{1}\":\(whole)}")
        try expect(.syntax(expected: "an escape sequence of JSON", offset: 3), header: "{\"\\x\":\(whole)}")
        try expect(.syntax(expected: "a hexadecimal digit", offset: 4), header: "{\"\\ug000\":\(whole)}")
        try expect(
            .syntax(expected: "the second half of a pair of surrogates", offset: 8),
            header: "{\"\\ud800 \":\(whole)}")
        try expect(.syntax(expected: "'{'", offset: 5), header: "{\"a\":null}")
        try expect(
            .syntax(expected: "a string", offset: 21), header: "{\"__metadata__\":{\"k\":1}}")
        // Deep nesting is refused at its first step, not followed.
        let nested = String(repeating: "[", count: 1_000_000)
        try expect(.syntax(expected: "'{'", offset: 5), header: "{\"a\":\(nested)")
    }

    @Test func invalidUTF8() throws {
        var bytes = Data([2 + 1 + 1 + 1, 0, 0, 0, 0, 0, 0, 0])
        bytes.append(contentsOf: Array("{\"".utf8) + [0xFF] + Array("\"}".utf8))
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(
            throws: SafetensorsError.malformed(path: path, .syntax(expected: "a string in UTF-8", offset: 1))
        ) {
            try Safetensors(contentsOf: path)
        }
    }

    /// Every truncated file is rejected.
    @Test func truncated() throws {
        try Safetensors.write([("a", Tensor(shape: [3], repeating: 1)), ("b", Tensor(2))], to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in 0..<whole.count {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: path) }
        }
    }

    /// Changed bytes in the header never make the reader read outside the file.
    @Test func damagedHeaders() throws {
        var numbers = seededNumbers()
        try Safetensors.write(
            [("a", Tensor(shape: [3], repeating: 1)), ("b", Tensor(2))], metadata: ["k": "v"], to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for _ in 0..<3000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                damaged[Int.random(in: 0..<whole.count - 16, using: &numbers)] = UInt8.random(
                    in: 0...255, using: &numbers)
            }
            try damaged.write(to: URL(fileURLWithPath: path))
            guard let file = try? Safetensors(contentsOf: path) else { continue }
            for name in file.names { _ = try? file.tensor(named: name) }
        }
    }
}
