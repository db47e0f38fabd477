import Runtime

/// What is wrong with a file of samples.
public struct SignalFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path, as it was given.
    public let path: String
    /// What was expected and what was found.
    public let reason: String

    /// The path and the reason.
    public var description: String { "\(path): \(reason)" }

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// Calls `body`, and makes what the system refuses a ``SignalFileError``.
func asSignalFileError<Result>(
    _ path: String, _ failure: String, _ body: () throws(FileError) -> Result
) throws(SignalFileError) -> Result {
    do throws(FileError) { return try body() } catch {
        throw SignalFileError(path, "\(failure): \(error.reason)")
    }
}

/// Calls `body` with the bytes of an array.
func withBytes(
    of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in try body(UnsafeRawBufferPointer(bytes)) }
}
