import Foundation
import TestSupport
import Testing

@testable import Runtime

/// Regular files and pipes are read alike, to the last byte.
@Suite struct InputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let sizes = [0, 1, 2, 65_535, 65_536, 65_537, 200_000]

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    @Test(arguments: sizes) func readsFiles(count: Int) throws {
        let file = try folder.write(Self.bytes(count), to: "a")
        #expect(try InputFile.contents(of: file, limit: count) == Self.bytes(count))
        #expect(try MappedFile(file).withBytes { Array($0) } == Self.bytes(count))
        if count > 0 {
            #expect(throws: FileError(file, .tooLarge(limit: count - 1))) {
                try InputFile.contents(of: file, limit: count - 1)
            }
        }
    }

    @Test(arguments: sizes) func readsPipes(count: Int) throws {
        for read in [
            { try InputFile.contents(of: $0, limit: count) }, { try MappedFile($0).withBytes { Array($0) } },
        ] as [(String) throws -> [UInt8]] {
            let pipe = folder.file("pipe")
            #expect(mkfifo(pipe, 0o600) == 0)
            defer { unlink(pipe) }
            Thread.detachNewThread {
                // Late, and in two parts.
                usleep(50_000)
                let descriptor = open(pipe, O_WRONLY)
                let bytes = Self.bytes(count)
                usleep(50_000)
                for part in [bytes[..<(count / 2)], bytes[(count / 2)...]] {
                    part.withUnsafeBytes { part in
                        var done = 0
                        while done < part.count {
                            done += max(0, write(descriptor, part.baseAddress! + done, part.count - done))
                        }
                    }
                    usleep(10_000)
                }
                close(descriptor)
            }
            #expect(try read(pipe) == Self.bytes(count))
        }
    }

    @Test func endlessPipeIsTooLarge() throws {
        #expect(throws: FileError("/dev/zero", .tooLarge(limit: 1000))) {
            try InputFile.contents(of: "/dev/zero", limit: 1000)
        }
    }

    @Test func pipeWithoutWriter() throws {
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let start = ContinuousClock.now
        #expect(throws: FileError(pipe, .noWriter(seconds: 1))) { try InputFile(pipe, waitingForWriter: 1) }
        let elapsed = ContinuousClock.now - start
        #expect(elapsed >= .seconds(1) && elapsed < .seconds(20))
    }

    @Test func systemFilesWithoutSize() throws {
        let contents = try InputFile.contents(of: "/proc/self/status", limit: 1 << 20)
        #expect(String(decoding: contents, as: UTF8.self).hasPrefix("Name:"))
    }

    @Test func refusals() throws {
        #expect(throws: FileError(folder.path, .system(EISDIR))) { try InputFile(folder.path) }
        #expect(throws: FileError(folder.file("a"), .system(ENOENT))) { try InputFile(folder.file("a")) }
        #expect(FileError("", .system(ENOENT)).reason.description == "No such file or directory")
    }

    /// A refused file is closed, once.
    @Test func refusedFilesAreClosed() async {
        await #expect(processExitsWith: .success) {
            // Other threads of the process open files of their own.
            func openCount() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == "/"
                }.count
            }
            let before = try openCount()
            for _ in 0..<10 { _ = try? InputFile("/") }
            #expect(try openCount() == before)
        }
    }
}
