import DataFetching
import ExampleTestSupport
import Foundation
import Testing

/// What servers do: label and redirect, send without a length, know no beginning; and a disk that is full.
@Suite struct ServerTests {
    let task: FetchTask

    init() throws { task = try FetchTask() }

    /// The answer of a server that can begin anywhere.
    static func answer(
        _ bytes: [UInt8], from start: Int?, headers: [String] = [], cutOff: Int? = nil
    ) -> LocalServer.Response {
        let first = start ?? 0
        let range = first == 0 ? [] : ["Content-Range: bytes \(first)-\(bytes.count - 1)/\(bytes.count)"]
        return .init(
            status: first == 0 ? 200 : 206, headers: headers + range, body: Array(bytes[first...]),
            cutOff: cutOff)
    }

    /// A server may say of a compressed file that it is compressed; the digest is that of the bytes as they are sent.
    @Test(arguments: ["gzip", "x-gzip", "deflate", "br", "gzip, gzip"])
    func keepsTheBytesThatAServerLabels(encoding: String) throws {
        let server = try LocalServer { [bytes = task.bytes] request in
            Self.answer(
                bytes, from: request.start, headers: ["Content-Encoding: \(encoding)"], cutOff: 200_000)
        }
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [nil, 200_000])
    }

    @Test func asksForNoEncoding() throws {
        let server = try LocalServer.having(task.bytes)
        _ = try task.fetch(server)
        #expect(server.heads.count == 1)
        #expect(server.heads[0].lowercased().contains("\r\naccept-encoding: identity\r\n"))
    }

    @Test func takesAnswersInChunks() throws {
        let server = try LocalServer { [bytes = task.bytes] request in
            var response = Self.answer(bytes, from: request.start, headers: ["Transfer-Encoding: chunked"])
            response.announcesLength = false
            let pieces = stride(from: 0, to: response.body.count, by: 70_000).map {
                response.body[$0..<min($0 + 70_000, response.body.count)]
            }
            response.body =
                pieces.flatMap { Array("\(String($0.count, radix: 16))\r\n".utf8) + $0 + Array("\r\n".utf8) }
                + Array("0\r\n\r\n".utf8)
            return response
        }
        try task.writePart(Array(task.bytes.prefix(1000)))
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [1000])
    }

    /// Without a length, the end of a connection is the end of the file, or it broke off.
    @Test func asksForTheRestOfWhatHadNoLength() throws {
        let server = try LocalServer { [bytes = task.bytes] request in
            var response = Self.answer(bytes, from: request.start, cutOff: 200_000)
            response.announcesLength = false
            return response
        }
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [nil, 200_000])
    }

    /// To another folder of the same server, and from there to another server; the range is asked for everywhere.
    @Test func followsRedirections() throws {
        let end = try LocalServer.having(task.bytes)
        let server = try LocalServer { [address = end.address] request in
            request.path.hasPrefix("/data/")
                ? .init(status: 301, headers: ["Location: /moved/set.tar.gz"], body: Array("over there".utf8))
                : .init(
                    status: 302, headers: ["Location: \(address)other", "Content-Range: bytes 7-8/9"],
                    body: Array("gone".utf8))
        }
        try task.writePart(Array(task.bytes.prefix(1000)))
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.path) == ["/data/set.tar.gz", "/moved/set.tar.gz"])
        #expect(end.requests == [.init(path: "/data/other", start: 1000)])
    }

    /// In a circle, or away from the web.
    @Test(arguments: ["/data/set.tar.gz", "file:///etc/passwd", "ftp://127.0.0.1/set.tar.gz"])
    func givesUpRedirections(location: String) throws {
        let server = try LocalServer { _ in .init(status: 302, headers: ["Location: \(location)"]) }
        let failures = task.failures(server)
        guard case .connection = failures.first, failures.count == 1 else {
            Issue.record("expected a redirection that is not followed, got \(failures)")
            return
        }
        #expect(try task.names() == [])
    }

    /// A beginning that the server does not have is taken away.
    @Test func beginsAnewWhereTheRangeIsUnknown() throws {
        try task.writePart(Array(task.bytes.prefix(1000)))
        let server = try LocalServer { [bytes = task.bytes] request in
            request.start == nil ? .init(body: bytes) : .init(status: 416, body: Array("no".utf8))
        }
        #expect(try task.fetch(server) == .fetched)
        try task.expectWhole()
        #expect(server.requests.map(\.start) == [1000, nil])
    }

    @Test(arguments: [200, 206, 204, 404]) func saysWhatAnEmptyAnswerLacks(status: Int) throws {
        let server = try LocalServer { _ in .init(status: status) }
        let failures = task.failures(server)
        switch (status, failures.first) {
        case (200, .size(task.bytes.count, 0)), (206, .range(expectedStart: 0, _)), (_, .status(status)):
            break
        default: Issue.record("expected another reason, got \(failures)")
        }
        #expect(try task.names() == [])
    }

    /// What came before the disk was full stays, and the next command resumes.
    @Test func resumesWhenTheDiskHasRoomAgain() async {
        await #expect(processExitsWith: .success) {
            let task = try FetchTask()
            let server = try LocalServer.having(task.bytes)
            // Files may grow to 100,000 bytes; to write on is an error.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit()
            #if canImport(Darwin)
            let kind = RLIMIT_FSIZE
            #else
            let kind = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            #endif
            try #require(getrlimit(kind, &limit) == 0)
            let before = limit
            limit.rlim_cur = 100_000
            try #require(setrlimit(kind, &limit) == 0)
            let error = #expect(throws: DataFetchError.self) { try task.fetch(server) }
            #expect(error == DataFetchError(task.part, .system("File too large")))
            #expect(try task.names() == ["set.tar.gz.part"])
            #expect(try task.contents("set.tar.gz.part") == Array(task.bytes.prefix(100_000)))

            limit = before
            try #require(setrlimit(kind, &limit) == 0)
            #expect(try task.fetch(server) == .fetched)
            try task.expectWhole()
            #expect(server.requests.map(\.start) == [nil, 100_000])
        }
    }
}
