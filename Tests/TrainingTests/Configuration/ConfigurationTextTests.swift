import Foundation
import Terminator
import TestSupport
import Testing

@testable import Training

/// The texts of configurations: which numbers and which bytes are read, and that each text is read or refused in time.
@Suite struct ConfigurationTextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> String {
        try folder.write(Array(text.utf8), to: "network.json")
    }

    /// Integers are a sign and digits; other numbers have decimal notation and a value in `Float`.
    @Test(arguments: [
        ("globalHidden", "1.0"), ("globalHidden", "1e2"), ("globalHidden", "6E1"), ("globalHidden", "-0.0"),
        ("globalHidden", "9223372036854775808"), ("globalHidden", "\"64\""), ("globalHidden", "064"),
        ("globalHidden", "+64"), ("globalHidden", "0x40"), ("globalHidden", "6_4"), ("globalHidden", "NaN"),
        ("renormalization", #"{"beta": Infinity}"#), ("renormalization", #"{"beta": -Infinity}"#),
        ("renormalization", #"{"beta": 1e400}"#), ("renormalization", #"{"beta": 1e39}"#),
        ("renormalization", #"{"beta": 1e-400}"#), ("renormalization", #"{"beta": 1e-46}"#),
        ("renormalization", #"{"beta": "0.1"}"#), ("renormalization", #"{"beta": .5}"#),
        ("renormalization", #"{"beta": 5.}"#), ("renormalization", #"{"beta": 1e}"#),
    ]) func numbersAreRefused(field: String, value: String) throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        let path = try file("{\"\(field)\": \(value)}")
        let error = #expect(throws: ConfigurationSourceError.self) {
            try configuration.update(contentsOf: path)
        }
        let found = value.split(separator: ": ").last!.trimmingCharacters(in: ["\"", "}"])
        #expect(error?.description.contains(found) == true || value.hasPrefix("{\"beta\": ."), "\(error!)")
        #expect(configuration == NetworkPreset.digitsSequence.configuration)
    }

    @Test(arguments: [
        ("globalHidden=064", 64), ("globalHidden=+64", 64), ("globalHidden=00000000000000000000000064", 64),
    ]) func leadingZerosAreDecimal(setting: String, expected: Int) throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(setting: setting)
        #expect(configuration.globalHidden == expected)
    }

    /// A mark of the byte order is no mistake; bytes that are no UTF-8 are, and their place is said.
    @Test func encodingsAreChecked() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        let path = try folder.write([0xEF, 0xBB, 0xBF] + Array("{\"globalHidden\": 8}".utf8), to: "bom.json")
        try configuration.update(contentsOf: path)
        #expect(configuration.globalHidden == 8)
        for (bytes, place) in [
            (
                Array("{\n \"ä\": \"".utf8) + [0xFF, 0x22],
                "line 2, column 8: expected UTF-8, found the byte ff"
            ),
            ([0xFE, 0xFF, 0, 0x7B], "line 1, column 1: expected UTF-8, found the byte fe"),
            ([0x7B, 0xC0, 0x80], "line 1, column 2: expected UTF-8, found the byte c0"),
        ] {
            let path = try folder.write(bytes, to: "bytes.json")
            let error = #expect(throws: ConfigurationSourceError.self) {
                try configuration.update(contentsOf: path)
            }
            #expect(error?.description == "\(path): expected JSON, found a mistake: \(place)")
        }
    }

    @Test func escapesAreRead() throws {
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(contentsOf: try file(#"{"global\u0048idden": 9, "readout": "pool\u0065d"}"#))
        #expect(configuration.globalHidden == 9)
        for text in [#"{"\x": 1}"#, #"{"\ud800": 1}"#, "{\"a\nb\": 1}", "{\"a", #"{"a\"#] {
            let path = try file(text)
            let error = #expect(throws: ConfigurationSourceError.self) {
                try NetworkConfiguration(contentsOf: path)
            }
            #expect(error?.description.contains("found a mistake: line 1, column ") == true, "\(error!)")
        }
    }

    /// A pipe is read as a file is; a folder is refused in the system's words.
    @Test func pipesAreRead() async throws {
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Thread {
            guard let file = fopen(pipe, "w") else { return }
            fputs("{\"globalHidden\"", file)
            fflush(file)
            usleep(50_000)
            fputs(": 11}", file)
            fclose(file)
        }
        writer.start()
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(contentsOf: pipe)
        #expect(configuration.globalHidden == 11)
        #expect(
            throws: ConfigurationSourceError(
                source: folder.path, reason: .inaccessible("cannot be read: Is a directory"))
        ) {
            try configuration.update(contentsOf: folder.path)
        }
    }

    /// The largest files of each shape: read or refused at once, without a stack that overflows.
    @Test func largeFilesEnd() throws {
        let size = 1 << 20
        func repeated(_ text: String, _ start: String = "", _ end: String = "") -> String {
            let room = size - start.utf8.count - end.utf8.count
            return start + String(repeating: text, count: room / text.utf8.count) + end
        }
        let keys = (0..<size / 16).map { "\"name\($0)\":1" }.joined(separator: ",")
        let texts: [String] = [
            repeated("["), repeated("{\"a\":"), repeated("9"), repeated(" "), repeated("\n"),
            repeated("1,", "[", ""),
            repeated("9", "{\"globalHidden\":", "}"), repeated("9", "{\"renormalization\":{\"beta\":", "}}"),
            repeated("a", "\"", "\""), repeated("a", "{\"", "\":1}"), repeated("\\n", "\"", "\""),
            "{" + keys.prefix(size - 2) + "}",
        ]
        for text in texts {
            let start = ContinuousClock.now
            let path = try file(text)
            #expect(throws: ConfigurationSourceError.self, "\(text.prefix(20))") {
                try NetworkConfiguration(contentsOf: path)
            }
            // A second on a machine of its own.
            #expect(ContinuousClock.now - start < .seconds(10), "\(text.prefix(20))")
        }
    }
}
