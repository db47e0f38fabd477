import Crypto
import DataFetching
import ExampleTestSupport
import Foundation
import Testing

/// Files that are there before: those with the expected data are kept, others are refused and left as they are.
@Suite struct ExistingFileTests {
    let task: FetchTask

    init() throws {
        task = try FetchTask()
        try FileManager.default.createDirectory(atPath: task.data, withIntermediateDirectories: true)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        _ = try task.folder.write(bytes, to: "data/" + name)
    }

    func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        try SampleArchive.compressed(bytes, in: task.folder)
    }

    /// The error of fetching, which changes nothing in the folder.
    func refusal() throws -> DataFetchError? {
        let names = try task.names()
        let error = #expect(throws: DataFetchError.self) { try Fetcher(into: task.data).fetch(task.archive) }
        #expect(try task.names() == names)
        return error
    }

    /// Compressed, however well.
    @Test func keepsCompressedFiles() throws {
        let half = task.first.count / 2
        let inParts = try compressed(Array(task.first[..<half])) + compressed(Array(task.first[half...]))
        try write(inParts, to: "first.bin.gz")
        try write(try compressed(task.second), to: "second.bin.gz")
        #expect(try Fetcher(into: task.data).fetch(task.archive) == .kept)
        #expect(try task.names() == ["first.bin.gz", "second.bin.gz"])
        // Also where the archive is a compressed file itself, with other bytes.
        let archive = Archive(
            name: "first.bin.gz", byteCount: 1, digest: SampleArchive.digest([0]), mirrors: [],
            contents: .compressedFile(task.archive.files[0]))
        #expect(try Fetcher(into: task.data).fetch(archive) == .kept)
        #expect(try task.contents("first.bin.gz") == inParts)
    }

    @Test(arguments: [false, true]) func refusesOtherDataOfTheSameSize(isCompressed: Bool) throws {
        try write(task.second, to: "second.bin")
        let name = isCompressed ? "first.bin.gz" : "first.bin"
        var other = task.first
        other[other.count - 1] ^= 1
        for data in [[UInt8](repeating: 0, count: task.first.count), other] {
            let bytes = isCompressed ? try compressed(data) : data
            try write(bytes, to: name)
            let error = try refusal()
            #expect(error?.subject == "\(task.data)/\(name)")
            #expect(
                error?.reason
                    == .foreignContent(
                        expected: .sha256(SampleArchive.digest(task.first)),
                        found: .sha256(SampleArchive.digest(data))))
            #expect(try task.contents(name) == bytes)
        }
    }

    /// Those who read them take the plain one.
    @Test func comparesThePlainOneOfTwo() throws {
        try write(task.second, to: "second.bin")
        try write(try compressed(task.first), to: "first.bin.gz")
        try write(Array(task.first.reversed()), to: "first.bin")
        guard case .foreignContent = try refusal()?.reason else {
            Issue.record("expected other data to be refused")
            return
        }
        try write(task.first, to: "first.bin")
        try write([1], to: "first.bin.gz")
        #expect(try Fetcher(into: task.data).fetch(task.archive) == .kept)
    }

    @Test func comparesByTheFunctionOfThePublisher() throws {
        func digits(_ digest: some Sequence<UInt8>) -> String {
            digest.map { String(format: "%02x", $0) }.joined()
        }
        try write(task.first, to: "first.bin")
        try write(task.second, to: "second.bin")
        func archive(_ first: FileDigest, _ second: FileDigest) -> Archive {
            Archive(
                name: "set.tar.gz", byteCount: 1, digest: "", mirrors: [],
                contents: .tar(
                    folder: "set",
                    files: [
                        ExpectedFile("first.bin", byteCount: task.first.count, digest: first),
                        ExpectedFile("second.bin", byteCount: task.second.count, digest: second),
                    ]))
        }
        let sha1 = FileDigest.sha1(digits(Insecure.SHA1.hash(data: task.first)))
        let md5 = FileDigest.md5(digits(Insecure.MD5.hash(data: task.second)))
        #expect(try Fetcher(into: task.data).fetch(archive(sha1, md5)) == .kept)
        let other = FileDigest.md5(digits(Insecure.MD5.hash(data: task.first)))
        let error = #expect(throws: DataFetchError.self) {
            try Fetcher(into: task.data).fetch(archive(sha1, other))
        }
        #expect(error?.reason == .foreignContent(expected: other, found: md5))
        #expect(error?.description.contains("the \(other), found the \(md5); it is left as it is") == true)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["first.bin", "first.bin.gz", "set.tar.gz.part"])
    func refusesWhatIsNoFile(name: String) throws {
        let server = try LocalServer.having(task.bytes)
        let path = "\(task.data)/\(name)"
        for make in [{ mkdir(path, 0o755) }, { mkfifo(path, 0o644) }, { symlink("nothing", path) }] {
            #expect(make() == 0)
            let error = #expect(throws: DataFetchError.self) { try task.fetch(server) }
            #expect(error?.subject == path)
            #expect(try task.names() == [name])
            #expect(remove(path) == 0)
        }
        #expect(server.requests == [])
    }
}
