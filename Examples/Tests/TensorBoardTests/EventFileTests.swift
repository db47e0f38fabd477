import ExampleTestSupport
import Foundation
import Testing

@testable import TensorBoard

/// Event files, read by a reader of their own: framing, checks and fields are as TensorFlow defines them.
@Suite struct EventFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The vectors of RFC 3720, appendix B.4, and the check value of the catalogs.
    @Test func computesKnownChecks() {
        let vectors: [([UInt8], UInt32)] = [
            (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
            (Array("123456789".utf8), 0xE306_9283), ([], 0),
        ]
        for (bytes, expected) in vectors { #expect(CyclicRedundancyCheck.crc32C(bytes) == expected) }
    }

    @Test func frames() {
        let record = EventFile.record(of: [1, 2, 3])
        #expect(record.count == 19)
        #expect(Array(record[..<8]) == [3, 0, 0, 0, 0, 0, 0, 0])
        #expect(littleEndian(record[8..<12]) == maskedCheck(Array(record[..<8])))
        #expect(Array(record[12..<15]) == [1, 2, 3])
        #expect(littleEndian(record[15...]) == maskedCheck([1, 2, 3]))
    }

    @Test func beginsWithVersionAndStart() throws {
        let before = Date().timeIntervalSince1970
        let file = try EventFile(in: folder.file("log"), firstStep: 300)
        let events = try events(in: file.path)
        try #require(events.count == 2)
        #expect(events[0][3]?.text == "brain.Event:2")
        #expect(events[1][2] == .number(300))
        #expect(try events[1].message(7)[1] == .number(1))
        for event in events { #expect(try #require(event[1]?.double) >= before - 1) }
    }

    /// Names of files come from outside: no number follows the largest.
    @Test func namesWithTheLargestNumberAreNoneOfOurs() throws {
        for number in [Int.max - 1, .max] {
            _ = try folder.write([], to: "events.out.tfevents.\(number)")
            #expect(throws: Never.self) {
                do {
                    _ = try EventFile(in: folder.path, firstStep: 0)
                } catch is EventFileError {
                    // The name is taken.
                }
            }
        }
    }

    @Test func writesScalars() throws {
        let file = try EventFile(in: folder.path, firstStep: 0)
        try file.write(["steps/loss": .scalar(0.1), "steps/accuracy": .scalar(-2)], step: 1 << 40)
        let event = try #require(try events(in: file.path).last)
        #expect(event[2] == .number(1 << 40))
        let values = try event.message(5).messages(1)
        #expect(values.map { $0[1]?.text } == ["steps/loss", "steps/accuracy"])
        #expect(values.map { $0[2]?.float } == [0.1, -2])
    }

    @Test func writesPictures() throws {
        let file = try EventFile(in: folder.path, firstStep: 0)
        let png: [UInt8] = [0x89, 0x50, 0, 255]
        try file.write(["kernel": .picture(png: png, width: 5, height: 300, channels: 3)], step: 2)
        let value = try #require(try events(in: file.path).last?.message(5).messages(1).first)
        let image = try value.message(4)
        #expect(image[1] == .number(300) && image[2] == .number(5) && image[3] == .number(3))
        #expect(image[4] == .bytes(png))
    }

    @Test func writesDistributions() throws {
        let file = try EventFile(in: folder.path, firstStep: 0)
        let numbers = (0..<128).map { Float($0) / 4 - 16 }
        try file.write(["weights": .distribution(Distribution(of: numbers))], step: 2)
        let value = try #require(try events(in: file.path).last?.message(5).messages(1).first)
        let histogram = try value.message(5)
        #expect(histogram[1]?.double == -16 && histogram[2]?.double == 15.75)
        #expect(histogram[3]?.double == 128)
        #expect(histogram[4]?.double == Double(numbers.reduce(0, +)))
        #expect(histogram[5]?.double == Double(numbers.map { $0 * $0 }.reduce(0, +)))
        let limits = try #require(histogram[6]?.doubles)
        let counts = try #require(histogram[7]?.doubles)
        #expect(limits.count == 64 && limits.last == 15.75 && limits == limits.sorted())
        #expect(counts == Array(repeating: 2, count: 64))
    }

    /// Every number is in one interval, whatever rounding does to its border.
    @Test func countsEveryNumberOnce() {
        var random = SplitMix64.announced(seed: 20_261_122)
        for count in [1, 2, 3, 1000] {
            let numbers = (0..<count).map { _ in Float(random.next() % 1_000_003) * 1e-3 - 500 }
            let distribution = Distribution(of: numbers)
            #expect(distribution.count == count)
            #expect(distribution.upperBounds.last == Double(numbers.max()!))
        }
        #expect(Distribution(of: [2.5, 2.5]).counts == [2])
        #expect(Distribution(of: [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]).count == 2)
    }

    /// A run that goes on writes behind what there is: into a new file, which is read after the others.
    @Test func beginsANewFileEachTime() throws {
        let paths = try (0..<3).map { try EventFile(in: folder.path, firstStep: $0).path }
        #expect(Set(paths).count == 3 && paths == paths.sorted())
        for path in paths { #expect(try events(in: path).count == 2) }
    }

    @Test func refusesFoldersThatAreNone() throws {
        let path = try folder.write([1], to: "file")
        #expect(throws: EventFileError.self) { try EventFile(in: path, firstStep: 0) }
        #expect(FileManager.default.contents(atPath: path) == Data([1]))
    }
}
