import DataFetching
import ExampleTestSupport
import Foundation
import Testing

/// What is in folders before: archives to take, files to keep, files to refuse.
@Suite struct FolderTests {
    let task: FetchTask

    init() throws { task = try FetchTask() }

    /// The error that fetching from a folder ends with.
    func failure(from source: String) throws -> DataFetchError? {
        #expect(throws: DataFetchError.self) {
            try Fetcher(into: task.data, from: .folder(source)).fetch(task.archive)
        }
    }

    @Test func takesAnArchiveFromAFolder() throws {
        let path = try task.folder.write(task.bytes, to: "set.tar.gz")
        let fetcher = Fetcher(into: task.data, from: .folder(task.folder.path))
        #expect(try fetcher.fetch(task.archive) == .fetched)
        try task.expectWhole()
        #expect(FileManager.default.contents(atPath: path) == Data(task.bytes))
    }

    @Test func takesACompressedFileFromAFolder() throws {
        let bytes = try SampleArchive.compressed(task.second, in: task.folder)
        _ = try task.folder.write(bytes, to: "second.bin.gz")
        let archive = Archive(
            name: "second.bin.gz", byteCount: bytes.count, digest: SampleArchive.digest(bytes), mirrors: [],
            contents: .compressedFile(task.archive.files[1]))
        #expect(try Fetcher(into: task.data, from: .folder(task.folder.path)).fetch(archive) == .fetched)
        #expect(try task.names() == ["second.bin.gz"])
        #expect(try task.contents("second.bin.gz") == bytes)
    }

    @Test func refusesOtherArchivesInAFolder() throws {
        #expect(try failure(from: task.folder.path)?.subject == task.folder.file("set.tar.gz"))
        var other = task.bytes
        other[100] ^= 4
        _ = try task.folder.write(other, to: "set.tar.gz")
        #expect(
            try failure(from: task.folder.path)?.reason
                == .digest(
                    expected: .sha256(SampleArchive.digest(task.bytes)),
                    found: .sha256(SampleArchive.digest(other))))
        _ = try task.folder.write(Array(task.bytes.dropLast()), to: "set.tar.gz")
        #expect(
            try failure(from: task.folder.path)?.reason
                == .size(expected: task.bytes.count, found: task.bytes.count - 1))
        #expect(try task.names() == [])
    }

    /// A file that was there stays; what is missing is brought beside it.
    @Test func keepsWhatIsThere() throws {
        _ = try task.folder.write(task.bytes, to: "set.tar.gz")
        try FileManager.default.createDirectory(atPath: task.data, withIntermediateDirectories: true)
        let own = try task.folder.write(task.first, to: "data/first.bin")
        var before = stat()
        var after = stat()
        #expect(stat(own, &before) == 0)
        #expect(try Fetcher(into: task.data, from: .folder(task.folder.path)).fetch(task.archive) == .fetched)
        #expect(stat(own, &after) == 0 && before.st_ino == after.st_ino)
        try task.expectWhole()
    }

    @Test(arguments: ["first.bin", "first.bin.gz"]) func refusesAForeignFile(name: String) throws {
        _ = try task.folder.write(task.bytes, to: "set.tar.gz")
        try FileManager.default.createDirectory(atPath: task.data, withIntermediateDirectories: true)
        let own =
            name.hasSuffix(".gz")
            ? try SampleArchive.compressed([1, 2], in: task.folder) : [UInt8]([1, 2])
        _ = try task.folder.write(own, to: "data/" + name)
        let error = try failure(from: task.folder.path)
        #expect(error?.reason == .foreignFile(expectedBytes: task.first.count, foundBytes: 2))
        #expect(try task.names() == [name])
        #expect(try task.contents(name) == own)
    }

    /// One that inflates to more than expected is not inflated to its end, which is missing here: that would be damage.
    @Test func inflatesNoMoreThanIsExpected() throws {
        try FileManager.default.createDirectory(atPath: task.data, withIntermediateDirectories: true)
        let zeros = [UInt8](repeating: 0, count: 1 << 22)
        let whole = try SampleArchive.compressed(task.first + zeros, in: task.folder)
        let own = Array(whole.dropLast(1000))
        _ = try task.folder.write(own, to: "data/first.bin.gz")
        let error = try failure(from: task.folder.path)
        #expect(error?.reason == .foreignFile(expectedBytes: task.first.count, foundBytes: nil))
        #expect(error?.description.contains("one with 300000 bytes of data, found more; ") == true)
        #expect(try task.contents("first.bin.gz") == own)
    }

    /// A name may begin with a character that combines with the slash before it.
    @Test func makesFoldersOfAnyName() throws {
        _ = try task.folder.write(task.bytes, to: "set.tar.gz")
        let folder = task.folder.file("new/\u{338}folder/data/")
        #expect(try Fetcher(into: folder, from: .folder(task.folder.path)).fetch(task.archive) == .fetched)
        #expect(FileManager.default.contents(atPath: folder + "first.bin") == Data(task.first))
    }

    @Test func refusesAFolderInUse() throws {
        try FileManager.default.createDirectory(atPath: task.data, withIntermediateDirectories: true)
        let descriptor = open(task.data, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        #expect(try failure(from: task.folder.path)?.reason == .busy)
        close(descriptor)
    }

    /// The system's own reason, which is not that another program has the folder.
    @Test func saysWhyThereIsNoFolder() throws {
        _ = try task.folder.write([1], to: "data")
        #expect(try failure(from: task.folder.path)?.reason == .system("Not a directory"))
        let inside = Fetcher(into: task.data + "/inside")
        let error = #expect(throws: DataFetchError.self) { try inside.fetch(task.archive) }
        #expect(error?.reason == .system("Not a directory"))
        #expect(FileManager.default.contents(atPath: task.data) == Data([1]))
    }

    /// What a program that was killed left is in nobody's way.
    @Test func clearsWhatAKilledProgramLeft() throws {
        _ = try task.folder.write(task.bytes, to: "set.tar.gz")
        let left = task.data + "/set.tar.gz.unpacking"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        _ = try task.folder.write([1], to: "data/set.tar.gz.unpacking/first.bin")
        #expect(try Fetcher(into: task.data, from: .folder(task.folder.path)).fetch(task.archive) == .fetched)
        try task.expectWhole()
    }

    @Test func knowsTheOfficialArchives() throws {
        let archives = OfficialData.allCases.flatMap(\.archives)
        #expect(Set(archives.map(\.name)).count == archives.count)
        for archive in archives {
            #expect(archive.digest.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(archive.mirrors.allSatisfy { $0.hasPrefix("https://") && $0.hasSuffix("/") })
            #expect(!archive.files.isEmpty)
            for file in archive.files {
                switch file.digest {
                case .sha256(let digits): #expect(digits.wholeMatch(of: /[0-9a-f]{64}/) != nil)
                case .sha1(let digits): #expect(digits.wholeMatch(of: /[0-9a-f]{40}/) != nil)
                case .md5(let digits): #expect(digits.wholeMatch(of: /[0-9a-f]{32}/) != nil)
                }
            }
        }
    }
}
