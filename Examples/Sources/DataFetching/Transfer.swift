import CCurl

/// One answer of a server, appended to a file as it comes: no more than a piece of it is ever in memory.
///
/// The file gets the bytes as they are sent. Servers label gzip-compressed files with `Content-Encoding: gzip`; who decodes
/// such an answer, as Foundation's `URLSession` does in any case, has other bytes than those that are published, and cannot
/// resume at an offset into them.
final class Transfer {
    private let address: String
    private let output: OutputFile
    private let byteCount: Int
    private let report: (Int) -> Void
    private let curl: UnsafeMutableRawPointer
    /// Libcurl's message about a failure; it must keep its address.
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// The `Content-Range` of the answer whose head came last.
    private var contentRange = ""
    private var isPrepared = false
    private var failure: DataFetchError?

    /// Starts libcurl, once a process.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static let maximumRedirectionCount = 10

    private init(
        address: String, output: OutputFile, byteCount: Int, report: @escaping (Int) -> Void
    ) {
        self.address = address
        self.output = output
        self.byteCount = byteCount
        self.report = report
        guard Self.isReady, let curl = curl_easy_init() else {
            fatalError("libcurl has no memory for a transfer")
        }
        self.curl = curl
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(curl)
        message.deallocate()
    }

    /// Asks for what `output` lacks of a file of `byteCount` bytes, and waits for it. A server that cannot begin in the
    /// midst of a file sends all of it, and the file begins anew.
    ///
    /// - Parameters:
    ///   - timeout: The seconds, at least 1, after which a server that says nothing is given up.
    ///   - report: Is told how many bytes there are.
    /// - Throws: ``DataFetchError``. What has arrived stays in the file.
    static func run(
        _ address: String, into output: OutputFile, byteCount: Int, timeout: Int,
        report: @escaping (Int) -> Void
    ) throws(DataFetchError) {
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
            throw DataFetchError(address, .address)
        }
        let transfer = Transfer(address: address, output: output, byteCount: byteCount, report: report)
        try transfer.run(timeout: timeout)
    }

    private func run(timeout: Int) throws(DataFetchError) {
        // The archives are compressed: nothing is gained by compressing them on the way.
        var headers = curl_slist_append(nil, "Accept-Encoding: identity")
        defer { curl_slist_free_all(headers) }
        let start = output.byteCount
        if start > 0 { headers = curl_slist_append(headers, "Range: bytes=\(start)-") }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            address.withCString { set_pointer(curl, CURLOPT_URL, $0) },
            "swift-long-convolution".withCString { set_pointer(curl, CURLOPT_USERAGENT, $0) },
            set_web_protocols(curl),
            set_pointer(curl, CURLOPT_HTTPHEADER, headers),
            set_number(curl, CURLOPT_FOLLOWLOCATION, 1),
            set_number(curl, CURLOPT_MAXREDIRS, Self.maximumRedirectionCount),
            set_number(curl, CURLOPT_HTTP_CONTENT_DECODING, 0),
            set_number(curl, CURLOPT_CONNECTTIMEOUT, timeout),
            // Less than a byte a second.
            set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1),
            set_number(curl, CURLOPT_LOW_SPEED_TIME, timeout),
            set_pointer(curl, CURLOPT_ERRORBUFFER, message),
            set_pointer(curl, CURLOPT_HEADERDATA, context),
            set_callback(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                Transfer.from(context).readHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            },
            set_pointer(curl, CURLOPT_WRITEDATA, context),
            set_callback(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let isTaken = Transfer.from(context).take(
                    UnsafeRawBufferPointer(start: bytes, count: size * count))
                // Another number than that of the bytes ends the transfer.
                return isTaken ? size * count : size * count + 1
            },
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else {
            fatalError("expected a libcurl that takes every option, got the codes \(codes.map(\.rawValue))")
        }
        let code = curl_easy_perform(curl)
        // An answer without a body.
        if failure == nil, code == CURLE_OK, !isPrepared {
            _ = take(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        if let failure { throw failure }
        guard code == CURLE_OK else {
            let reason =
                message.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: message)
            throw DataFetchError(address, .connection(reason))
        }
        if output.byteCount < byteCount {
            throw DataFetchError(
                address, .connection("it ended after \(output.byteCount) of \(byteCount) bytes"))
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }

    /// Keeps what is needed of a line of a head; after a redirection there is more than one head.
    private func readHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") { contentRange = "" }
        let name = "content-range:"
        if line.lowercased().hasPrefix(name) {
            contentRange = line.dropFirst(name.count).split(whereSeparator: \.isWhitespace).joined(
                separator: " ")
        }
    }

    /// Appends bytes to the file; returns false if the transfer is to end.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do throws(DataFetchError) {
            if !isPrepared { try prepare() }
            let count = output.byteCount + bytes.count
            guard count <= byteCount else {
                throw DataFetchError(address, .size(expected: byteCount, found: count))
            }
            try output.append(bytes)
            report(count)
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Puts the file's end where the answer begins.
    private func prepare() throws(DataFetchError) {
        isPrepared = true
        let start = output.byteCount
        switch response_status(curl) {
        case 200: try output.clear()
        case 206:
            guard contentRange.hasPrefix("bytes \(start)-") else {
                throw DataFetchError(address, .range(expectedStart: start, found: contentRange))
            }
        case 416:
            // What is here is not the beginning of what the server has.
            try output.clear()
            throw DataFetchError(address, .status(416))
        case let status: throw DataFetchError(address, .status(status))
        }
        let length = Int(announced_length(curl))
        if length >= 0 {
            // The server's number may be the largest there is.
            let (sum, overflows) = output.byteCount.addingReportingOverflow(length)
            let announced = overflows ? Int.max : sum
            guard announced == byteCount else {
                throw DataFetchError(address, .size(expected: byteCount, found: announced))
            }
        }
    }
}
