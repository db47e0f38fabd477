import Foundation
import TestSupport
import Testing

@testable import Runtime

/// A file is replaced whole or not at all.
@Suite struct FileReplacementTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func contents(_ name: String) throws -> [UInt8] {
        try InputFile.contents(of: folder.file(name), limit: 1 << 20)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    @Test func createsAndReplaces() throws {
        for bytes in [[], [1], Array(repeating: UInt8(7), count: 100_000)] as [[UInt8]] {
            try FileReplacement.write(bytes, to: folder.file("a"))
            #expect(try contents("a") == bytes)
        }
        #expect(try names == ["a"])
    }

    /// A name may begin with a character that combines with the slash before it.
    @Test func folderOfAPath() {
        for (path, expected) in [
            ("a", "."), ("a/b", "a"), ("/a", "/"), ("a/\u{338}b", "a"), ("/\u{301}", "/"),
            ("\u{E9}/\u{200D}", "\u{E9}"),
        ] {
            #expect(Runtime.folder(of: path) == expected)
        }
    }

    /// What is not committed never was.
    @Test func abandonedReplacementLeavesNothing() throws {
        let file = try folder.write([1, 2, 3], to: "a")
        do {
            let replacement = try FileReplacement(of: file)
            try [UInt8](repeating: 9, count: 10).withUnsafeBytes { try replacement.write($0) }
            #expect(try names.count == 2)
        }
        #expect(try contents("a") == [1, 2, 3])
        #expect(try names == ["a"])
    }

    /// A process that has the number of this one is gone: this one writes nothing. The parent lives.
    @Test func removesWhatProcessesThatAreGoneLeft() throws {
        // The largest number that Linux gives to processes is below the second one.
        let abandoned = [".replacement-\(getpid())-1", ".replacement-4194305-2"]
        let others = [".other", ".replacement-\(getppid())-3", ".replacement-x"]
        for name in abandoned + others { _ = try folder.write([1], to: name) }
        FileReplacement.removeAbandoned(in: folder.path)
        #expect(try names == others.sorted())
    }

    /// Parts below, at and above the size of the buffer.
    @Test func manyParts() throws {
        let sizes = [0, 1, 262_143, 1, 262_144, 5, 300_000, 262_143, 262_143, 7]
        let parts = sizes.enumerated().map { index, count in [UInt8](repeating: UInt8(index), count: count) }
        let replacement = try FileReplacement(of: folder.file("a"))
        for part in parts { try part.withUnsafeBytes { try replacement.write($0) } }
        try replacement.commit()
        #expect(try InputFile.contents(of: folder.file("a"), limit: 1 << 22) == parts.flatMap { $0 })
    }

    @Test func longestName() throws {
        let name = String(repeating: "n", count: 255)
        try FileReplacement.write([5], to: folder.file(name))
        #expect(try contents(name) == [5])
    }

    /// Links stay links, permissions stay permissions.
    @Test func linksAndPermissionsStay() throws {
        let target = try folder.write([1], to: "target")
        #expect(chmod(target, 0o640) == 0)
        #expect(symlink("target", folder.file("link")) == 0)
        #expect(symlink("nowhere", folder.file("dangling")) == 0)
        try FileReplacement.write([2], to: folder.file("link"))
        try FileReplacement.write([3], to: folder.file("dangling"))
        #expect(try contents("target") == [2])
        #expect(try contents("nowhere") == [3])
        var status = stat()
        #expect(lstat(folder.file("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(lstat(target, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test func refusesWhatIsNoFile() throws {
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(symlink("loop", folder.file("loop")) == 0)
        let expected: [(String, FileError.Reason)] = [
            (folder.file("pipe"), .kind(expected: "a regular file", found: "a pipe")),
            (folder.path, .kind(expected: "a regular file", found: "a folder")),
            (folder.file("loop"), .system(ELOOP)),
            (folder.file("missing/a"), .system(ENOENT)),
            (folder.file("pipe/a"), .system(ENOTDIR)),
        ]
        for (path, reason) in expected {
            #expect(throws: FileError(path, reason)) { try FileReplacement.write([1], to: path) }
        }
        #expect(try names == ["loop", "pipe"])
    }

    @Test func locksAreExclusive() throws {
        let first = try AdvisoryLock(onFolder: folder.path, isWaiting: false)
        #expect(throws: FileError(folder.path, .locked)) {
            try AdvisoryLock(onFolder: folder.path, isWaiting: false)
        }
        withExtendedLifetime(first) {}
        #expect(throws: FileError(folder.file("x"), .system(ENOENT))) {
            try AdvisoryLock(onFolder: folder.file("x"), isWaiting: false)
        }
    }

    @Test func makesFolders() throws {
        let made = try makeFolder(folder.file("a/b/c"))
        #expect(made == ["a", "a/b", "a/b/c"].map(folder.file))
        #expect(try makeFolder(folder.file("a/b/c")) == [])
        let file = try folder.write([1], to: "file")
        #expect(throws: FileError(file, .system(ENOTDIR))) { try makeFolder(file) }
        #expect(throws: FileError(file + "/a/b", .system(ENOTDIR))) { try makeFolder(file + "/a/b") }
    }
}
