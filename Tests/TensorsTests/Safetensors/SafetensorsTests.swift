import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let file: SafetensorsFile
    private var folder: TemporaryFolder { file.folder }
    private var path: String { file.path }

    init() throws { file = try SafetensorsFile() }

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
            "{\"d\":\(file.entry("F64", "[2]", 0, 16)),\"l\":\(file.entry("I64", "[2]", 16, 32)),"
            + "\"i\":\(file.entry("I32", "[2,1]", 32, 40)), \"h\" : \(file.entry("F16", "[6]", 40, 52)),"
            + "\"b\":\(file.entry("BF16", "[2]", 52, 56)),\"u\":\(file.entry("U8", "[3]", 56, 59))}  "
        try file.write(header, data: data)
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
