import DataFetching
import ExampleTestSupport
import Foundation
import Testing

/// A folder for data, an archive of two files, and what a server may do with it.
struct FetchTask {
    let folder = try! TemporaryFolder()
    /// Bytes that no compression makes fewer.
    let first: [UInt8] = {
        var random = SplitMix64(seed: 20_261_122)
        return (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }()
    let second = Array("second".utf8)
    let bytes: [UInt8]
    let archive: Archive

    init() throws {
        bytes = try SampleArchive.tar(
            [
                SampleEntry(name: "set/", isFolder: true), SampleEntry(name: "set/first.bin", bytes: first),
                SampleEntry(name: "set/read me.txt", bytes: [1, 2, 3]),
                SampleEntry(name: "./set/second.bin", bytes: second),
            ], in: folder)
        archive = Archive(
            name: "set.tar.gz", byteCount: bytes.count, digest: SampleArchive.digest(bytes), mirrors: [],
            contents: .tar(
                folder: "set",
                files: [
                    ExpectedFile(
                        "first.bin", byteCount: first.count, digest: .sha256(SampleArchive.digest(first))),
                    ExpectedFile(
                        "second.bin", byteCount: second.count, digest: .sha256(SampleArchive.digest(second))),
                ]))
    }

    var data: String { folder.file("data") }
    var part: String { data + "/set.tar.gz.part" }

    func contents(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: data + "/" + name)))
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: data).sorted() }

    func writePart(_ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: part))
    }

    func expectWhole() throws {
        #expect(try names() == ["first.bin", "second.bin"])
        #expect(try contents("first.bin") == first)
        #expect(try contents("second.bin") == second)
    }

    func fetch(_ mirrors: LocalServer..., timeout: TimeInterval = 10) throws -> Fetcher.Outcome {
        let archive = Archive(
            name: archive.name, byteCount: archive.byteCount, digest: archive.digest,
            mirrors: mirrors.map(\.address), contents: archive.contents)
        return try Fetcher(into: data, timeout: timeout).fetch(archive)
    }

    /// The reasons for which the mirrors were given up.
    func failures(_ mirrors: LocalServer..., timeout: TimeInterval = 10) -> [DataFetchError.Reason] {
        let archive = Archive(
            name: archive.name, byteCount: archive.byteCount, digest: archive.digest,
            mirrors: mirrors.map(\.address), contents: archive.contents)
        do {
            _ = try Fetcher(into: data, timeout: timeout).fetch(archive)
        } catch let error as DataFetchError {
            if case .unavailable(let failures) = error.reason { return failures.map(\.reason) }
        } catch {}
        return []
    }
}
