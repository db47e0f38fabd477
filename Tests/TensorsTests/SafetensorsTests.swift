import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("x.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    @Test func roundTrip() throws {
        var numbers = seededNumbers()
        let tensors: [(name: String, tensor: Tensor)] = [
            ("weight", numbers.tensor([3, 5])), ("scalar", Tensor(-0.0)), ("empty", numbers.tensor([0, 4])),
            (
                "edges",
                Tensor(
                    shape: [4], scalars: [.infinity, .nan, .leastNonzeroMagnitude, -.greatestFiniteMagnitude])
            ),
            ("a \"quoted\" \\ name\n\u{1} – ü 😀", numbers.tensor([1])),
        ]
        let metadata = ["format": "pt", "note \"\\\u{7}": "line\none 😀", "": ""]
        try Safetensors.write(tensors, metadata: metadata, to: path)
        let file = try Safetensors(contentsOf: path)
        #expect(Set(file.names) == Set(tensors.map(\.name)))
        #expect(file.metadata == metadata)
        for (name, tensor) in tensors {
            let read = try file.tensor(named: name)
            #expect(read.shape == tensor.shape)
            #expect(read.scalars.map(\.bitPattern) == tensor.scalars.map(\.bitPattern))
            #expect(try file.shape(of: name) == tensor.shape)
        }
        // The data begin on a multiple of eight bytes.
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8).first! % 8 == 0)
    }

    /// Writes a file with the given header and data; `length` replaces the header's true length.
    private func write(_ header: String, data: [UInt8] = [], length: UInt64? = nil) throws {
        var bytes = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) {
            bytes.append(contentsOf: $0)
        }
        bytes.append(contentsOf: header.utf8)
        bytes.append(contentsOf: data)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func entry(_ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
    }

    @Test func scalarTypes() throws {
        var data: [UInt8] = []
        func append(_ words: some Sequence<some FixedWidthInteger>) {
            for word in words { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
        }
        append([Double.pi.bitPattern, (-1e300).bitPattern])
        append([Int64.min, 7])
        append([Int32(-5), 6])
        // 1, -2, the largest, the least denormal, infinity, not a number.
        append([UInt16(0x3C00), 0xC000, 0x7BFF, 0x0001, 0xFC00, 0x7E00])
        append([UInt16(0x3F80), 0xC000])
        data.append(contentsOf: [0, 1, 255])
        let header =
            "{\"d\":\(entry("F64", "[2]", 0, 16)),\"l\":\(entry("I64", "[2]", 16, 32)),"
            + "\"i\":\(entry("I32", "[2,1]", 32, 40)), \"h\" : \(entry("F16", "[6]", 40, 52)),"
            + "\"b\":\(entry("BF16", "[2]", 52, 56)),\"u\":\(entry("U8", "[3]", 56, 59))}  "
        try write(header, data: data)
        let file = try Safetensors(contentsOf: path)
        #expect(file.names == ["d", "l", "i", "h", "b", "u"])
        #expect(try file.doubles(named: "d") == [Double.pi, -1e300])
        #expect(try file.tensor(named: "d").scalars == [Float(Double.pi), -.infinity])
        #expect(try file.integers(named: "l") == [.min, 7])
        #expect(try file.integers(named: "i") == [-5, 6])
        #expect(try file.integers(named: "u") == [0, 1, 255])
        let half = try file.tensor(named: "h").scalars
        #expect(half[..<5] == [1, -2, 65504, 0x1p-24, -.infinity] && half[5].isNaN)
        #expect(try file.doubles(named: "b") == [1, -2])
        #expect(throws: SafetensorsError.missing(path: path, name: "x")) { try file.tensor(named: "x") }
        #expect(
            throws: SafetensorsError.wrongScalarType(
                path: path, name: "u", expected: "floating-point numbers", found: "U8")
        ) { try file.tensor(named: "u") }
        #expect(
            throws: SafetensorsError.wrongScalarType(
                path: path, name: "h", expected: "integers", found: "F16")
        ) {
            try file.integers(named: "h")
        }
    }

    /// What the defect of a file with the given header and eight bytes of data must be.
    private func expect(
        _ defect: SafetensorsDefect, header: String, length: UInt64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try write(header, data: Array(repeating: 0, count: 8), length: length)
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
        let whole = entry("F32", "[2]", 0, 8)
        try expect(
            .offsets(name: "a", begin: 0, end: 12, available: 8),
            header: "{\"a\":\(entry("F32", "[3]", 0, 12))}")
        try expect(
            .offsets(name: "a", begin: 8, end: 0, available: 0),
            header: "{\"a\":\(entry("F32", "[2]", 8, 0))}")
        try expect(
            .notContiguous(name: "a", expectedBegin: 0, found: 4),
            header: "{\"a\":\(entry("F32", "[1]", 4, 8))}")
        try expect(.trailingBytes(4), header: "{\"a\":\(entry("F32", "[1]", 0, 4))}")
        try expect(.trailingBytes(8), header: "{}")
        // Overlapping.
        try expect(
            .notContiguous(name: "b", expectedBegin: 8, found: 4),
            header: "{\"a\":\(whole),\"b\":\(entry("F32", "[1]", 4, 8))}")
        try expect(
            .notContiguous(name: "b", expectedBegin: 8, found: 0), header: "{\"a\":\(whole),\"b\":\(whole)}")
        // Shape and offsets that differ; products that overflow.
        try expect(
            .byteCount(name: "a", expected: 12, found: 8), header: "{\"a\":\(entry("F32", "[3]", 0, 8))}")
        try expect(
            .byteCount(name: "a", expected: 16, found: 8), header: "{\"a\":\(entry("F64", "[2]", 0, 8))}")
        try expect(
            .byteCount(name: "a", expected: nil, found: 8),
            header: "{\"a\":\(entry("F32", "[4611686018427387904,2]", 0, 8))}")
        try expect(
            .byteCount(name: "a", expected: nil, found: 8),
            header: "{\"a\":\(entry("F32", "[\(Int.max)]", 0, 8))}")
    }

    @Test func grammar() throws {
        let whole = entry("F32", "[2]", 0, 8)
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
        try expect(
            .unknownScalarType(name: "a", found: "F31"), header: "{\"a\":\(entry("F31", "[2]", 0, 8))}")
        try expect(.syntax(expected: "'{'", offset: 0), header: "[]")
        try expect(.syntax(expected: "'}'", offset: 1 + 4 + whole.utf8.count), header: "{\"a\":\(whole)")
        try expect(.syntax(expected: "the end", offset: 2), header: "{}{}")
        try expect(.syntax(expected: "a string", offset: 1), header: "{,}")
        try expect(.syntax(expected: "the string's end", offset: 3), header: "{\"a")
        try expect(
            .syntax(expected: "an integer of at least 0", offset: 29),
            header: "{\"a\":\(entry("F32", "[-2]", 0, 8))}")
        try expect(.syntax(expected: "']'", offset: 30), header: "{\"a\":\(entry("F32", "[2.0]", 0, 8))}")
        try expect(
            .syntax(expected: "an integer of 63 bits", offset: 29),
            header: "{\"a\":\(entry("F32", "[9223372036854775808]", 0, 8))}")
        try expect(
            .syntax(expected: "an integer of at least 0", offset: 29),
            header: "{\"a\":\(entry("F32", "[02]", 0, 8))}")
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

    /// Every file cut short is refused.
    @Test func truncated() throws {
        try Safetensors.write([("a", Tensor(shape: [3], repeating: 1)), ("b", Tensor(2))], to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in 0..<whole.count {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: path) }
        }
    }

    /// No change of a byte of the header, nor a random one of several, makes the reader read outside the file.
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

    @Test func unreadable() throws {
        for bad in [path, folder.path] {
            let error = #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: bad) }
            guard case .unreadable(bad, _) = error else {
                Issue.record("expected the file to be unreadable, got \(String(describing: error))")
                continue
            }
        }
        #expect(throws: SafetensorsError.self) {
            try Safetensors.write([], to: folder.file("none/x.safetensors"))
        }
    }

    /// When the disk is full, the file that was there stays and no other appears.
    @Test func existingFileSurvivesAFailedWrite() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = folder.file("x.safetensors")
            try Safetensors.write([("a", Tensor(7))], to: path)
            // Files may grow to 1,000 bytes; to write on is an error.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            #expect(throws: SafetensorsError.self) {
                try Safetensors.write([("a", Tensor(shape: [10_000], repeating: 1))], to: path)
            }
            #expect(try Safetensors(contentsOf: path).tensor(named: "a").scalar == 7)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.safetensors"])
        }
    }
}
