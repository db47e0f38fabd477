import Foundation
import Runtime
import Tensors
import TestSupport
import Testing

/// Types that tensors are not computed with, names that look alike, files larger than memory should hold.
@Suite struct SafetensorsTypeTests {
    private let file: SafetensorsFile
    private var path: String { file.path }

    init() throws { file = try SafetensorsFile() }

    /// The tensors of other types close nothing: names, shapes and types are read, and so are the other tensors.
    @Test func othersAreNamedAndRefusedWhenAskedFor() throws {
        let others = [
            ("c", "C64", "[1]", 8), ("e", "F8_E4M3", "[2,2]", 4), ("f", "F8_E5M2", "[4]", 4),
            ("g", "F4", "[2,4]", 4),
            ("h", "F6_E3M2", "[4]", 3), ("i", "F8_E8M0", "[1]", 1), ("j", "F128", "[7,\(Int.max)]", 5),
            ("k", "a type of the \\u0066uture", "[]", 0),
        ]
        var header = "{\"w\":\(file.entry("F32", "[2]", 0, 8))"
        var end = 8
        for (name, type, shape, byteCount) in others {
            header += ",\"\(name)\":\(file.entry(type, shape, end, end + byteCount))"
            end += byteCount
        }
        var data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        data += Array(repeating: 1, count: end - 8)
        try file.write(header + ",\"__metadata__\":{\"k\":\"v\"}}", data: data)
        let opened = try Safetensors(contentsOf: path)
        #expect(Set(opened.names) == Set(["w"] + others.map(\.0)))
        #expect(opened.metadata == ["k": "v"])
        #expect(try opened.tensor(named: "w").scalars == [1, -2])
        #expect(try opened.shape(of: "g") == [2, 4] && opened.shape(of: "j") == [7, .max])
        #expect(try opened.scalarType(of: "w") == "F32" && opened.scalarType(of: "j") == "F128")
        #expect(throws: SafetensorsError.missing(path: path, name: "x")) { try opened.scalarType(of: "x") }
        for (name, _, _, _) in others {
            let type = try opened.scalarType(of: name)
            let expected = { (kind: String) in
                SafetensorsError.wrongScalarType(path: path, name: name, expected: kind, found: type)
            }
            #expect(throws: expected("floating-point numbers")) { try opened.tensor(named: name) }
            #expect(throws: expected("floating-point numbers")) { try opened.doubles(named: name) }
            #expect(throws: expected("integers")) { try opened.integers(named: name) }
        }
    }

    @Test func integersOfAllSizes() throws {
        var data: [UInt8] = []
        func append(_ words: some Sequence<some FixedWidthInteger>) {
            for word in words { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
        }
        append([Int8.min, 0, 127])
        append([Int16.min, 258])
        append([UInt16(65_535), 1])
        append([UInt32.max, 7])
        append([UInt64(Int.max), 5])
        append([UInt64(3), UInt64(Int.max) + 1])
        append([UInt8(0), 1, 2])
        let header =
            "{\"a\":\(file.entry("I8", "[3]", 0, 3)),\"b\":\(file.entry("I16", "[2]", 3, 7)),"
            + "\"c\":\(file.entry("U16", "[2]", 7, 11)),\"d\":\(file.entry("U32", "[2]", 11, 19)),"
            + "\"e\":\(file.entry("U64", "[2]", 19, 35)),\"f\":\(file.entry("U64", "[2]", 35, 51)),"
            + "\"g\":\(file.entry("BOOL", "[3]", 51, 54))}"
        try file.write(header, data: data)
        let opened = try Safetensors(contentsOf: path)
        #expect(try opened.integers(named: "a") == [-128, 0, 127])
        #expect(try opened.integers(named: "b") == [-32_768, 258])
        #expect(try opened.integers(named: "c") == [65_535, 1])
        #expect(try opened.integers(named: "d") == [4_294_967_295, 7])
        #expect(try opened.integers(named: "e") == [.max, 5])
        #expect(try opened.integers(named: "g") == [0, 1, 1])
        let tooLarge = SafetensorsError.integerTooLarge(path: path, name: "f", index: 1, found: 1 << 63)
        #expect(throws: tooLarge) { try opened.integers(named: "f") }
        #expect("\(tooLarge)".hasSuffix("in 'f', found 9223372036854775808 at index 1"))
    }

    /// The same character as one and as two code points, and the sign of the kelvin beside the letter: Swift's strings are
    /// equal, the file's names are not.
    @Test func namesDifferInTheirCodePoints() throws {
        let names = ["\u{E9}", "e\u{301}", "K", "\u{212A}"]
        try #require(names[0] == names[1] && names[2] == names[3])
        try Safetensors.write(
            names.enumerated().map { (name: $1, tensor: Tensor(Float($0))) }, metadata: ["\u{E9}": "text"],
            to: path)
        let opened = try Safetensors(contentsOf: path)
        #expect(opened.names.map { Array($0.utf8) } == names.map { Array($0.utf8) })
        for (index, name) in names.enumerated() {
            #expect(try opened.tensor(named: name).scalar == Float(index))
        }
        #expect(!opened.contains("\u{212B}"))
        #expect(opened.metadata(named: "\u{E9}") == "text" && opened.metadata(named: "e\u{301}") == nil)

        try file.write("{\"__metadata__\":{\"e\u{301}\":\"two\",\"\u{E9}\":\"one\"}}")
        let metadata = try Safetensors(contentsOf: path)
        #expect(metadata.metadata(named: "\u{E9}") == "one" && metadata.metadata(named: "e\u{301}") == "two")
        #expect(metadata.metadataEntries.map(\.text) == ["two", "one"])
        #expect(metadata.metadata == ["\u{E9}": "two"])
        let twice = "{\"__metadata__\":{\"\u{E9}\":\"1\",\"\\u00e9\":\"2\"}}"
        try file.write(twice)
        #expect(throws: SafetensorsError.malformed(path: path, .duplicateName("\u{E9}"))) {
            try Safetensors(contentsOf: path)
        }
    }

    /// A file of 1 GiB, which takes no room on the disk: memory is taken for the tensor that is read.
    @Test func largeFilesStayOnTheDisk() async {
        await #expect(processExitsWith: .success) {
            let file = try SafetensorsFile()
            let byteCount = 1 << 30
            let header =
                "{\"large\":\(file.entry("F32", "[\(byteCount / 4 - 1)]", 0, byteCount - 4)),"
                + "\"small\":\(file.entry("F32", "[1]", byteCount - 4, byteCount))}"
            try file.write(header)
            let start = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
            try #require(truncate(file.path, off_t(try #require(start) + byteCount)) == 0)
            let before = peakResidentMemory()
            let opened = try Safetensors(contentsOf: file.path)
            #expect(try opened.tensor(named: "small").scalars == [0])
            #expect(peakResidentMemory() - before < 64 << 20)
        }
    }

    /// A pipe has no size, and cannot be mapped.
    @Test func pipesAreReadIntoMemory() throws {
        try Safetensors.write([("a", Tensor(shape: [3], scalars: [1, 2, 3]))], to: path)
        let pipe = file.folder.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let writer = Thread {
            let descriptor = open(pipe, O_WRONLY)
            _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
            close(descriptor)
        }
        writer.start()
        #expect(try Safetensors(contentsOf: pipe).tensor(named: "a").scalars == [1, 2, 3])
    }
}
