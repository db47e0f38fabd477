import ExampleTestSupport
import Foundation
import Terminator
import Testing
import Training
import YAMLConfiguration

/// The texts in YAML: which numbers and constructs are read, and that each text is read or refused in time.
@Suite struct YAMLTextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func updated(_ bytes: [UInt8]) throws -> NetworkConfiguration {
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(
            contentsOf: try folder.write(bytes, to: "network.yaml"), as: YAMLFormat.self)
        return configuration
    }

    private func updated(_ text: String) throws -> NetworkConfiguration { try updated(Array(text.utf8)) }

    private func expectRefusal(
        of text: String, saying part: String, from location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ConfigurationSourceError.self, sourceLocation: location) {
            try updated(text)
        }
        let message = error?.description ?? ""
        #expect(message.contains(part), "\(message)", sourceLocation: location)
        #expect(message.count < 600 && !message.contains("\n"), sourceLocation: location)
    }

    // MARK: - Numbers

    @Test(arguments: ["64", "064", "+64", "0000064", "64 # a comment"])
    func wholeNumbersAreDecimal(text: String) throws {
        #expect(try updated("globalHidden: \(text)").globalHidden == 64)
        guard !text.contains("#") else { return }
        var configuration = NetworkPreset.digitsSequence.configuration
        try configuration.update(setting: "globalHidden=\(text)", as: YAMLFormat.self)
        try configuration.update(setting: "blocks.01.dropout=0.5", as: YAMLFormat.self)
        #expect(configuration.globalHidden == 64 && configuration.blocks[1].dropout == 0.5)
    }

    @Test(arguments: [
        "6_4", "64.0", "6.4e1", "1e2", "0x40", "0o100", "0b1000000", "1:04", "'64'", "\"64\"", ".inf", "nan",
        "true", "--64", "64 5", "[64]", "６４",
    ])
    func otherWholeNumbersAreRefused(text: String) {
        expectRefusal(of: "globalHidden: \(text)", saying: "globalHidden: expected a whole number, found ")
        var configuration = NetworkPreset.digitsSequence.configuration
        let error = #expect(throws: ConfigurationSourceError.self) {
            try configuration.update(setting: "globalHidden=\(text)", as: YAMLFormat.self)
        }
        #expect(error?.description.contains("expected a whole number") == true)
    }

    @Test func wholeNumbersBeyondAllAreRefused() {
        expectRefusal(
            of: "globalHidden: 9223372036854775808",
            saying: "globalHidden: expected a whole number below 2^63")
        expectRefusal(
            of: "globalHidden: " + String(repeating: "9", count: 1 << 19),
            saying: "found '9999999999999999999999999999999999999999...'")
    }

    static let decimalNumbers: [(text: String, number: Float)] = [
        ("1", 1), ("+.5", 0.5), ("5.", 5), ("-1e-3", -0.001), ("1E+3", 1000), ("007.5", 7.5), ("0e999", 0),
        ("1e-45", Float.leastNonzeroMagnitude), ("3.4028235e38", Float.greatestFiniteMagnitude),
        ("0.1" + String(repeating: "0", count: 1000), 0.1),
    ]

    @Test(arguments: decimalNumbers)
    func numbersAreDecimal(text: String, expected: Float) throws {
        #expect(try updated("renormalization: {beta: \(text)}").renormalization.beta == expected)
    }

    @Test(arguments: [
        (".inf", "a number, found '"), ("-.inf", "a number, found '"), (".nan", "a number, found '"),
        ("nan", "a number, found '"), ("inf", "a number, found '"), ("0x1p3", "a number, found '"),
        ("1_0.5", "a number, found '"),
        ("1:30.5", "a number, found '"), ("'0.5'", "a number, found '"), ("1e", "a number, found '"),
        ("e1", "a number, found '"), ("--1", "a number, found '"), (".", "a number, found '"),
        ("1e400", "0 or a number from 1e-45 to 3.4e38"), ("1e39", "0 or a number from 1e-45 to 3.4e38"),
        ("1e-400", "0 or a number from 1e-45 to 3.4e38"), ("1e-46", "0 or a number from 1e-45 to 3.4e38"),
    ])
    func otherNumbersAreRefused(text: String, part: String) {
        expectRefusal(
            of: "renormalization: {beta: \(text)}", saying: "renormalization.beta: expected ")
        expectRefusal(of: "renormalization: {beta: \(text)}", saying: "found '")
        expectRefusal(of: "renormalization: {beta: \(text)}", saying: part)
    }

    @Test(arguments: ["yes", "on", "1", "'true'", "y", "no"]) func otherTruthsAreRefused(text: String) {
        expectRefusal(
            of: "keepsCanceledBiases: \(text)", saying: "keepsCanceledBiases: expected true or false, found '"
        )
    }

    // MARK: - Constructs

    @Test func constructsAreRead() throws {
        let marked = try updated([0xEF, 0xBB, 0xBF] + Array("globalHidden: 8".utf8))
        #expect(marked.globalHidden == 8)
        let configuration = try updated(
            """
            %YAML 1.1
            ---
            localSlowNet: &size {hidden: 5, layers: 1}
            channelSlowNet: *size
            "globalHidden": 9
            'readout': >-
              pooled
            ...
            # The end.
            """)
        #expect(configuration.localSlowNet == SlowNetSize(hidden: 5, layers: 1))
        #expect(configuration.channelSlowNet == configuration.localSlowNet)
        #expect(configuration.globalHidden == 9)
        #expect(try updated("globalHidden: 7\r\nreadout: pooled\r\n").globalHidden == 7)
    }

    @Test(arguments: [
        (
            "globalHidden: !!int 5",
            "line 1, column 15: expected a value without a tag, found tag:yaml.org,2002:int"
        ),
        ("globalHidden: !foo 5", "expected a value without a tag, found !foo"),
        ("blocks: !!python/object:os.system []", "expected a value without a tag"),
        ("!!map {globalHidden: 5}", "expected a value without a tag"),
        ("!!str globalHidden: 5", "without a tag or an anchor"),
        (
            "%TAG ! tag:x:\n---\nglobalHidden: 5",
            "line 1, column 1: expected a document without tags, found %TAG"
        ),
        (
            "a: &a {hidden: 1}\nlocalSlowNet:\n  <<: *a\n",
            "line 3, column 3: expected the name of a field, found '<<': merge keys are not accepted"
        ),
        ("globalHidden: 1\n---\nglobalHidden: 2", "line 2, column 1: expected one document, found another"),
        ("globalHidden: 1\nglobalHidden: 2", "line 2, column 1: the name 'globalHidden' stands twice"),
        ("{globalHidden: 1, \"globalHidden\": 2}", "line 1, column 19: the name 'globalHidden' stands twice"),
        ("a: &a [*a]", "line 1, column 8: expected the name of an anchor, found '*a'"),
        ("a: &a\n  *a : 1", "found a list, a record or an alias"),
        ("{[1]: 2}", "line 1, column 2: expected the name of a field, found a list, a record or an alias"),
        ("globalHidden: {", "expected YAML or JSON, found a mistake: line 2, column 1: "),
        ("a:\n\tb: 1", "found a mistake: line 2, column 1: found character that cannot start any token"),
        ("a: \u{1}", "found a mistake: line 1, column 4: control characters are not allowed"),
        ("a: \0", "found a mistake: line 1, column 4: control characters are not allowed"),
        ("globalHidden: [1, 2", "found a mistake: line 2, column 1: did not find expected ',' or ']'"),
    ])
    func constructsAreRefused(text: String, part: String) { expectRefusal(of: text, saying: part) }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let error = #expect(throws: ConfigurationSourceError.self) {
            try updated(Array("a: 1\nb: \"é".utf8) + [0x80])
        }
        #expect(
            error?.description.contains("line 2, column 6: expected UTF-8, found the byte 80") == true,
            "\(error!)")
    }

    // MARK: - Bombs

    /// Twelve levels of ten aliases each: 446 bytes that stand for a billion values.
    @Test func aliasesThatMultiplyAreRefused() {
        var text = "a0: &a0 [x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        expectRefusal(of: text, saying: "expected at most 10000 values, found more")
        // As names of fields, which parsers compare.
        let names = (1...40).map { "b\($0): &b\($0) {? *b\($0 - 1) : *b\($0 - 1)}\n" }
        expectRefusal(of: "b0: &b0 {x: y}\n" + names.joined(), saying: "found a list, a record or an alias")
    }

    /// The largest files of each shape: read or refused at once, without a stack that overflows.
    @Test func largeFilesEnd() throws {
        let size = 1 << 20
        func repeated(_ text: String, _ start: String = "", _ end: String = "") -> String {
            let room = size - start.utf8.count - end.utf8.count
            return start + String(repeating: text, count: room / text.utf8.count) + end
        }
        func numbered(_ line: (Int) -> String) -> String {
            var text = ""
            var number = 0
            while text.utf8.count < size - 100 {
                text += line(number)
                number += 1
            }
            return text
        }
        let texts: [(name: String, text: String)] = [
            ("flow lists", repeated("[")), ("flow records", repeated("{")),
            ("flow records of one", repeated("{a: ")),
            ("block lists", repeated("- ")), ("complex names", repeated("? ")), ("closing", repeated("]")),
            ("digits", repeated("9", "globalHidden: ")),
            ("fraction", repeated("9", "renormalization: {beta: 0.", "}")),
            ("comment", repeated("x", "# ")), ("comments", repeated("#\n")), ("newlines", repeated("\n")),
            ("spaces", repeated(" ")), ("tabs", repeated("\t")), ("a name", repeated("a", "", ": 1")),
            ("a quoted text", repeated("a", "'", "'")), ("escapes", repeated("\\n", "\"", "\"")),
            ("a folded text", repeated(" a\n", "a: >\n")), ("a plain text of lines", repeated("a\n")),
            ("names", numbered { "name\($0): 1\n" }), ("one name", repeated("globalHidden: 1\n")),
            ("anchors", numbered { "- &anchor\($0) 1\n" }), ("an anchor", repeated("a", "&", " 1")),
            ("aliases", repeated("*a,", "[&a 1,", "]")), ("a tag", repeated("a", "!", " 1")),
            ("tag directives", numbered { "%TAG !a\($0)! tag:a\n" }), ("directives", repeated("%YAML 1.1\n")),
            ("other directives", repeated("%FOO bar\n")),
            ("documents", repeated("---\n")), ("colons", repeated(":")), ("question marks", repeated("?")),
            ("commas", repeated(",", "[", "]")), ("ampersands", repeated("&")), ("asterisks", repeated("*")),
            ("percents", repeated("%")), ("flow items", repeated("1,", "[", "]")),
            ("block items", repeated("- 1\n")),
            ("indented", numbered { String(repeating: " ", count: $0 % 1000) + "a:\n" }),
            ("simple names", repeated("a: ", "[", "]")), ("byte order marks", repeated("\u{FEFF}")),
        ]
        var slowest = (name: "", duration: Duration.zero)
        for (name, text) in texts {
            let start = ContinuousClock.now
            #expect(throws: ConfigurationSourceError.self, "\(name)") {
                try NetworkConfiguration(
                    contentsOf: try folder.write(Array(text.utf8), to: "network.yaml"), as: YAMLFormat.self)
            }
            let duration = ContinuousClock.now - start
            if duration > slowest.duration { slowest = (name, duration) }
        }
        // A second on a machine of its own.
        #expect(slowest.duration < .seconds(10), "\(slowest)")
        print("the slowest text:", slowest)
    }
}
