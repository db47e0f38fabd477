import DataFetching
import Foundation
import Testing

@Suite struct FetcherTests {
    let task: FetchTask

    init() throws { task = try FetchTask() }

    @Test func bringsAWholeArchive() throws {
        let server = try LocalServer.having(task.bytes)
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests == [.init(path: "/data/set.tar.gz", start: nil)])
        #expect(try task.fetch(server) == .kept)
        #expect(server.requests.count == 1)
    }

    @Test func bringsACompressedFileAsItIs() throws {
        let bytes = try SampleArchive.compressed(task.first, in: task.folder)
        let server = try LocalServer.having(bytes)
        let archive = Archive(
            name: "first.bin.gz", byteCount: bytes.count, digest: SampleArchive.digest(bytes),
            mirrors: [server.address],
            contents: .compressedFile(task.archive.files[0]))
        #expect(try Fetcher(into: task.data).fetch(archive) == .fetched)
        #expect(try task.names() == ["first.bin.gz"])
        #expect(try task.contents("first.bin.gz") == bytes)
        #expect(try Fetcher(into: task.data).fetch(archive) == .kept)
        #expect(server.requests.count == 1)
    }

    @Test func goesOnWhereADownloadBrokeOff() throws {
        try task.writePart(Array(task.bytes.prefix(1000)))
        let server = try LocalServer.having(task.bytes)
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [1000])
    }

    @Test func beginsAnewWithoutRanges() throws {
        try task.writePart(Array(task.bytes.prefix(1000)))
        let server = try LocalServer { [bytes = task.bytes] _ in .init(body: bytes) }
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [1000])
    }

    /// The digest tells that the beginning was of another file; it is asked for once more, from its first byte.
    @Test func beginsAnewBehindAForeignPart() throws {
        try task.writePart(Array(repeating: 7, count: 1000))
        let server = try LocalServer.having(task.bytes)
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [1000, nil])
    }

    @Test func neverAsksForWhatIsWholeAlready() throws {
        try task.writePart(task.bytes)
        let server = try LocalServer.having(task.bytes)
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests == [])
    }

    /// Each connection breaks off after a third of the file: two more bring the rest.
    @Test func asksForTheRestOfATruncatedTransfer() throws {
        let third = task.bytes.count / 3 + 1
        let server = try LocalServer { [bytes = task.bytes] request in
            let start = request.start ?? 0
            return .init(
                status: start == 0 ? 200 : 206,
                headers: start == 0
                    ? [] : ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
                body: Array(bytes[start...]), cutOff: third)
        }
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [nil, third, 2 * third])
    }

    /// A server that breaks off at once is left; what came before stays for the next time.
    @Test func keepsThePartWhereNothingMoreComes() throws {
        let server = try LocalServer { [bytes = task.bytes] request in
            let start = request.start ?? 0
            return .init(
                status: start == 0 ? 200 : 206,
                headers: ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
                body: Array(bytes[start...]), cutOff: start == 0 ? 5000 : 0)
        }
        let failures = task.failures(server)
        #expect(failures.count == 1)
        guard case .connection = failures.first else {
            Issue.record("expected a broken connection, got \(failures)")
            return
        }
        #expect(try task.names() == ["set.tar.gz.part"])
        #expect(try task.contents("set.tar.gz.part") == Array(task.bytes.prefix(5000)))
    }

    @Test(.timeLimit(.minutes(1))) func givesASilentServerUp() throws {
        let silent = try LocalServer { [bytes = task.bytes] _ in
            .init(body: bytes, cutOff: 0, fallsSilent: true)
        }
        #expect(try task.fetch(silent, LocalServer.having(task.bytes), timeout: 1) == .fetched)
        try task.expectWhole()
    }

    @Test func triesTheMirrorsInOrder() throws {
        let missing = try LocalServer { _ in .init(status: 404, body: Array("no such file".utf8)) }
        let second = try LocalServer.having(task.bytes)
        let third = try LocalServer.having(task.bytes)
        #expect(try task.fetch(missing, second, third) == .fetched)
        try task.expectWhole()
        #expect([missing, second, third].map(\.requests.count) == [1, 1, 0])
    }

    @Test func asksAGivenMirrorFirst() throws {
        let own = try LocalServer.having(task.bytes)
        let official = try LocalServer.having(task.bytes)
        let fetcher = Fetcher(into: task.data, from: .mirrors(first: String(own.address.dropLast())))
        #expect(try fetcher.fetch(task.archive.at(official.address)) == .fetched)
        #expect(own.requests == [.init(path: "/data/set.tar.gz", start: nil)] && official.requests == [])
    }

    @Test func saysWhyNoMirrorHasIt() throws {
        let missing = try LocalServer { _ in .init(status: 404) }
        let closed = try LocalServer { _ in .init(status: 503) }
        #expect(task.failures(missing, closed) == [.status(404), .status(503)])
        #expect(throws: DataFetchError.self) {
            try Fetcher(into: task.data).fetch(task.archive.at("ftp://127.0.0.1/"))
        }
        #expect(try task.names() == [])
    }

    @Test func refusesOtherBytes() throws {
        var other = task.bytes
        other[other.count / 2] ^= 1
        let failures = task.failures(try LocalServer.having(other))
        #expect(
            failures
                == [
                    .digest(
                        expected: .sha256(SampleArchive.digest(task.bytes)),
                        found: .sha256(SampleArchive.digest(other)))
                ])
        // There is nothing to go on from.
        #expect(try task.names() == [])
        #expect(try task.fetch(LocalServer.having(other), LocalServer.having(task.bytes)) == .fetched)
        try task.expectWhole()
    }

    @Test(arguments: [-1, 1]) func refusesAnotherSize(difference: Int) throws {
        let other = Array((task.bytes + [0]).prefix(task.bytes.count + difference))
        #expect(
            task.failures(try LocalServer.having(other))
                == [.size(expected: task.bytes.count, found: other.count)])
    }

    /// Where no size is announced, the one that matters is counted.
    @Test func stopsAServerThatDoesNotStop() throws {
        let server = try LocalServer { [bytes = task.bytes] _ in
            .init(body: bytes + Array(repeating: 0, count: 1 << 20), announcesLength: false)
        }
        let failures = task.failures(server)
        guard case .size(task.bytes.count, let found) = failures.first else {
            Issue.record("expected too many bytes, got \(failures)")
            return
        }
        #expect(found > task.bytes.count)
        #expect(try task.contents("set.tar.gz.part").count <= task.bytes.count)
    }

    @Test func refusesAnotherRange() throws {
        try task.writePart(Array(task.bytes.prefix(1000)))
        let server = try LocalServer { [bytes = task.bytes] _ in
            .init(
                status: 206, headers: ["Content-Range: bytes 999-\(bytes.count - 1)/\(bytes.count)"],
                body: Array(bytes[1000...]))
        }
        let failures = task.failures(server)
        guard case .range(expectedStart: 1000, _) = failures.first else {
            Issue.record("expected another range, got \(failures)")
            return
        }
    }

    @Test func tellsHowFarItIs() throws {
        let server = try LocalServer.having(task.bytes)
        let counts = Recorder<Int>()
        let fetcher = Fetcher(into: task.data) { counts.append($1) }
        _ = try fetcher.fetch(task.archive.at(server.address))
        let values = counts.values
        #expect(values.last == task.bytes.count && values == values.sorted())
    }
}
