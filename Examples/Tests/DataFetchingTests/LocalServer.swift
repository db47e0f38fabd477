import Foundation
import Synchronization

/// A web server on this machine that answers as a test tells it to, one connection after the other.
final class LocalServer: Sendable {
    /// What was asked for.
    struct Request: Equatable {
        let path: String
        /// The first byte of the range, if one was asked for.
        let start: Int?
    }

    /// What is answered.
    struct Response {
        var status = 200
        var headers: [String] = []
        var body: [UInt8] = []
        /// The number of bytes that are sent before the connection breaks off.
        var cutOff: Int?
        /// Whether the connection stays open behind the last byte, for as long as the server lives.
        var fallsSilent = false
        /// Whether the number of bytes is announced.
        var announcesLength = true
    }

    private let descriptor: Int32
    private let port: UInt16
    private let received = Mutex<[(request: Request, head: String)]>([])
    private let ending = DispatchSemaphore(value: 0)

    /// The address of the server's folder.
    var address: String { "http://127.0.0.1:\(port)/data/" }
    /// What was asked for so far.
    var requests: [Request] { received.withLock { $0.map(\.request) } }
    /// The heads of these requests.
    var heads: [String] { received.withLock { $0.map(\.head) } }

    init(_ answer: @escaping @Sendable (Request) -> Response) throws {
        #if canImport(Darwin)
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        // The thread closes what it listens to: a number that was free while it still listens might be another's.
        Thread { [weak self, ending] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                if let (request, head) = Self.request(on: connection) {
                    self?.received.withLock { $0.append((request, head)) }
                    let response = answer(request)
                    Self.send(response, on: connection)
                    if response.fallsSilent { ending.wait() }
                }
                close(connection)
            }
            close(descriptor)
        }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        ending.signal()
    }

    /// A server that has one file, under any path, and knows ranges.
    static func having(_ bytes: [UInt8]) throws -> LocalServer {
        try LocalServer { request in
            guard let start = request.start else { return Response(body: bytes) }
            guard start < bytes.count else { return Response(status: 416) }
            return Response(
                status: 206, headers: ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
                body: Array(bytes[start...]))
        }
    }

    private static func request(on connection: Int32) -> (Request, head: String)? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        let text = String(decoding: head, as: UTF8.self)
        let lines = text.split(separator: "\r\n")
        let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
        let start = range.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "-" }) }
        return (Request(path: String(lines[0].split(separator: " ")[1]), start: start), text)
    }

    private static func send(_ response: Response, on connection: Int32) {
        var headers = ["HTTP/1.1 \(response.status) -", "Connection: close"] + response.headers
        if response.announcesLength { headers.append("Content-Length: \(response.body.count)") }
        let body = response.body.prefix(response.cutOff ?? response.body.count)
        var bytes = Array((headers.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
        while !bytes.isEmpty {
            let count = Foundation.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if count <= 0 { return }
            bytes.removeFirst(count)
        }
    }
}
