import ExampleTestSupport
import Foundation
import Testing

@testable import DataFetching

/// Archives that try to write where they should not, or more than they should. Each is refused whole, and nothing of it
/// stays.
@Suite struct HostileArchiveTests {
    let folder: TemporaryFolder
    let honest = SampleEntry(name: "set/first.bin", bytes: [1, 2, 3])

    init() throws { folder = try TemporaryFolder() }

    /// The error with which an archive is refused that is otherwise the expected one.
    func refusal(of entries: [SampleEntry]) throws -> DataFetchError.Reason? {
        let bytes = try SampleArchive.tar(entries, in: folder)
        _ = try folder.write(bytes, to: "set.tar.gz")
        let archive = Archive(
            name: "set.tar.gz", byteCount: bytes.count, digest: SampleArchive.digest(bytes), mirrors: [],
            contents: .tar(folder: "set", files: [ExpectedFile("first.bin", byteCount: 3, digest: .md5(""))]))
        let data = folder.file("inner/data")
        let error = #expect(throws: DataFetchError.self) {
            try Fetcher(into: data, from: .folder(folder.path)).fetch(archive)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: data) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("inner")) == ["data"])
        return error?.reason
    }

    func isRefused(_ reason: DataFetchError.Reason?, for name: String) -> Bool {
        guard case .refusedEntry(name, _) = reason else { return false }
        return true
    }

    @Test(arguments: [
        "../escaped", "set/../../escaped", "/tmp/escaped-by-a-test", "set/..", "/\u{338}escaped",
        "set/../\u{338}escaped",
    ])
    func refusesPathsOutside(name: String) throws {
        #expect(isRefused(try refusal(of: [honest, SampleEntry(name: name, bytes: [9])]), for: name))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/escaped-by-a-test"))
    }

    /// The sign of the kelvin is not the letter, although the strings are equal.
    @Test func tellsNamesApartByTheirBytes() throws {
        let bytes = try SampleArchive.tar([SampleEntry(name: "set/\u{212A}", bytes: [1, 2, 3])], in: folder)
        let path = try folder.write(bytes, to: "set.tar.gz")
        let letter = ExpectedFile("K", byteCount: 3, digest: .md5(""))
        let error = #expect(throws: DataFetchError.self) {
            try TarArchive(path: path).unpack([letter], from: "set", into: folder.path)
        }
        #expect(error?.reason == .missingEntry("set/K"))
    }

    @Test func refusesLinks() throws {
        let symbolic = SampleEntry(name: "set/link", symbolicLink: "/etc/passwd")
        #expect(isRefused(try refusal(of: [honest, symbolic]), for: "set/link"))
        let asFile = SampleEntry(name: "set/first.bin", symbolicLink: "/etc/passwd")
        #expect(isRefused(try refusal(of: [asFile]), for: "set/first.bin"))
        let hard = SampleEntry(name: "set/other", hardLink: "set/first.bin")
        #expect(isRefused(try refusal(of: [honest, hard]), for: "set/other"))
    }

    @Test(arguments: [2, 4, 100_000]) func refusesAnotherSize(count: Int) throws {
        let entry = SampleEntry(name: "set/first.bin", bytes: Array(repeating: 0, count: count))
        #expect(
            try refusal(of: [entry])
                == .refusedEntry(name: "set/first.bin", why: "expected 3 bytes, found \(count)"))
    }

    @Test func refusesTooMuchInAll() throws {
        let entries = [SampleEntry(name: "set/unused", bytes: Array(repeating: 0, count: 1000)), honest]
        let bytes = try SampleArchive.tar(entries, in: folder)
        let path = try folder.write(bytes, to: "set.tar.gz")
        var archive = TarArchive(path: path)
        archive.maximumByteCount = 1002
        let error = #expect(throws: DataFetchError.self) {
            try archive.unpack(
                [ExpectedFile("first.bin", byteCount: 3, digest: .md5(""))], from: "set", into: folder.path)
        }
        #expect(isRefused(error?.reason, for: "set/first.bin"))
        archive.maximumByteCount = 1003
        try archive.unpack(
            [ExpectedFile("first.bin", byteCount: 3, digest: .md5(""))], from: "set", into: folder.path)
        #expect(FileManager.default.contents(atPath: folder.file("first.bin")) == Data([1, 2, 3]))
    }

    /// Sizes whose sum is no integer of 64 bits.
    @Test func refusesSizesThatCannotBeCounted() throws {
        func header(_ name: String, byteCount: Int) -> [UInt8] {
            var block = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
            }
            put(name, at: 0)
            put("0000644", at: 100)
            // The size in binary, marked by its first bit.
            block[124] = 0x80
            for index in 0..<8 { block[135 - index] = UInt8(truncatingIfNeeded: byteCount >> (8 * index)) }
            put("00000000000", at: 136)
            put("        ", at: 148)
            put("0ustar\u{0}00", at: 156)
            let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
            put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0}", at: 148)
            return block
        }
        let tar =
            header("set/unused", byteCount: 512) + [UInt8](repeating: 1, count: 512)
            + header("set/huge", byteCount: .max) + [UInt8](repeating: 0, count: 1024)
        let path = try folder.write(try SampleArchive.compressed(tar, in: folder), to: "set.tar.gz")
        let error = #expect(throws: DataFetchError.self) {
            try TarArchive(path: path).unpack(
                [ExpectedFile("first.bin", byteCount: 3, digest: .md5(""))], from: "set", into: folder.path)
        }
        switch error?.reason {
        case .refusedEntry("set/huge", _), .damagedArchive: break
        default: Issue.record("expected the size to be refused, got \(String(describing: error))")
        }
    }

    @Test func refusesAFileTwiceOrNotAtAll() throws {
        #expect(isRefused(try refusal(of: [honest, honest]), for: "set/first.bin"))
        #expect(
            try refusal(of: [SampleEntry(name: "first.bin", bytes: [1, 2, 3])])
                == .missingEntry("set/first.bin"))
        let asFolder = SampleEntry(name: "set/first.bin", isFolder: true)
        #expect(try refusal(of: [asFolder]) != nil)
    }

    @Test func refusesDamage() throws {
        let bytes = try SampleArchive.tar(
            [
                SampleEntry(
                    name: "set/first.bin", bytes: (0..<60_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
                )
            ],
            in: folder)
        for damaged in [Array(bytes.prefix(bytes.count / 2)), Array("no archive at all".utf8)] {
            let path = try folder.write(damaged, to: "damaged.tar.gz")
            let error = #expect(throws: DataFetchError.self) {
                try TarArchive(path: path).unpack(
                    [ExpectedFile("first.bin", byteCount: 60_000, digest: .md5(""))], from: "set",
                    into: folder.path)
            }
            guard case .damagedArchive = error?.reason else {
                Issue.record("expected damage, got \(String(describing: error))")
                continue
            }
        }
    }
}
