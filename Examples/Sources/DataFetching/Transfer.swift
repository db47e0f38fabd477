import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One answer of a server, appended to a file as it comes: no more than a piece of it is ever in memory.
final class Transfer: NSObject, URLSessionDataDelegate, Sendable {
    private let address: String
    private let output: OutputFile
    private let byteCount: Int
    private let report: @Sendable (Int) -> Void
    private let failure = Mutex<DataFetchError?>(nil)
    private let end = DispatchSemaphore(value: 0)

    private init(
        address: String, output: OutputFile, byteCount: Int, report: @escaping @Sendable (Int) -> Void
    ) {
        self.address = address
        self.output = output
        self.byteCount = byteCount
        self.report = report
    }

    /// Asks for what `output` lacks of a file of `byteCount` bytes, and waits for it. A server that cannot begin in the
    /// midst of a file sends all of it, and the file begins anew.
    ///
    /// - Parameters:
    ///   - timeout: the seconds after which a server that says nothing is given up.
    ///   - report: is told how many bytes there are.
    /// - Throws: ``DataFetchError``. What has arrived stays in the file.
    static func run(
        _ address: String, into output: OutputFile, byteCount: Int, timeout: TimeInterval,
        report: @escaping @Sendable (Int) -> Void
    ) throws(DataFetchError) {
        guard let url = URL(string: address), url.scheme == "https" || url.scheme == "http" else {
            throw DataFetchError(address, .address)
        }
        var request = URLRequest(url: url)
        // The archives are compressed: a server that compresses on the way, or says that it did, changes the bytes.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        let start = output.byteCount
        if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }

        let transfer = Transfer(address: address, output: output, byteCount: byteCount, report: report)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
        session.dataTask(with: request).resume()
        transfer.end.wait()
        session.finishTasksAndInvalidate()
        if let failure = transfer.failure.withLock({ $0 }) { throw failure }
    }

    /// The first failure is the one that counts: what comes after it follows from it.
    private func fail(_ reason: DataFetchError.Reason) {
        fail(DataFetchError(address, reason))
    }

    private func fail(_ error: DataFetchError) { failure.withLock { $0 = $0 ?? error } }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        do throws(DataFetchError) {
            try prepare(for: response)
            completionHandler(.allow)
        } catch {
            fail(error)
            completionHandler(.cancel)
        }
    }

    /// Puts the file's end where the answer begins.
    private func prepare(for response: URLResponse) throws(DataFetchError) {
        guard let response = response as? HTTPURLResponse else { throw DataFetchError(address, .address) }
        let start = output.byteCount
        switch response.statusCode {
        case 200: try output.clear()
        case 206:
            let range = response.value(forHTTPHeaderField: "Content-Range") ?? ""
            guard range.hasPrefix("bytes \(start)-") else {
                throw DataFetchError(address, .range(expectedStart: start, found: range))
            }
        case 416:
            // What is here is not the beginning of what the server has.
            try output.clear()
            throw DataFetchError(address, .status(416))
        case let status: throw DataFetchError(address, .status(status))
        }
        if response.expectedContentLength >= 0 {
            // The server's number may be the largest there is.
            let (sum, overflows) = output.byteCount.addingReportingOverflow(
                Int(clamping: response.expectedContentLength))
            let announced = overflows ? Int.max : sum
            guard announced == byteCount else {
                throw DataFetchError(address, .size(expected: byteCount, found: announced))
            }
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        // Pieces may still come after a task was canceled.
        guard failure.withLock({ $0 == nil }) else { return }
        let count = output.byteCount + data.count
        guard count <= byteCount else {
            fail(.size(expected: byteCount, found: count))
            return dataTask.cancel()
        }
        do throws(DataFetchError) {
            try data.withUnsafeBytes { bytes in
                Result { () throws(DataFetchError) in try output.append(bytes) }
            }.get()
            report(count)
        } catch {
            fail(error)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            fail(.connection(error.localizedDescription))
        } else if output.byteCount < byteCount {
            fail(.connection("it ended after \(output.byteCount) of \(byteCount) bytes"))
        }
        end.signal()
    }
}
