/// Why data could not be fetched: what it is about, what was expected and what was found.
public struct DataFetchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path of a file or folder, or an address.
    public let subject: String
    /// What is wrong with it.
    public let reason: Reason

    /// What can be wrong.
    public enum Reason: Equatable, Sendable {
        /// The system refuses, for the reason it gives.
        case system(String)
        /// Another program is fetching data into the folder.
        case busy
        /// A file of a name that is needed is there, and is not what is expected; `nil` stands for more bytes, which were
        /// not counted.
        case foreignFile(expectedBytes: Int, foundBytes: Int?)
        /// A file of a name that is needed is there, has the right number of bytes, and others than expected.
        case foreignContent(expected: FileDigest, found: FileDigest)
        /// A folder, a device or a pipe has the name of a file.
        case noFile
        /// The file has another number of bytes.
        case size(expected: Int, found: Int)
        /// The file has other bytes.
        case digest(expected: FileDigest, found: FileDigest)
        /// The text is no address of a folder on the web.
        case address
        /// The server answers with another status than 200 or 206.
        case status(Int)
        /// The server answers with another part of the file than the one that was asked for.
        case range(expectedStart: Int, found: String)
        /// The connection was not made, or broke off.
        case connection(String)
        /// No mirror had the archive; each says why.
        case unavailable([DataFetchError])
        /// The archive is damaged, in the words of libarchive.
        case damagedArchive(String)
        /// An entry of the archive is none that a data set has.
        case refusedEntry(name: String, why: String)
        /// The archive lacks a file.
        case missingEntry(String)
    }

    /// An error about `subject`.
    public init(_ subject: String, _ reason: Reason) {
        self.subject = subject
        self.reason = reason
    }

    /// One line: what it is about, what was expected, what was found.
    public var description: String { "\(subject): \(reason)" }
}

extension DataFetchError.Reason: CustomStringConvertible {
    /// What was expected and what was found, without what it is about.
    public var description: String {
        switch self {
        case .system(let reason): reason
        case .busy: "another program is fetching data into it"
        case .foreignFile(let expected, let found):
            "expected no file or one with \(expected) bytes of data, found \(found.map(String.init) ?? "more"); "
                + "it is left as it is: move it away"
        case .foreignContent(let expected, let found):
            "expected no file or one whose data have the \(expected), found the \(found); "
                + "it is left as it is: move it away"
        case .noFile: "expected a regular file, found something else"
        case .size(let expected, let found): "expected \(expected) bytes, found \(found)"
        case .digest(let expected, let found): "expected the \(expected), found the \(found)"
        case .address: "expected an address that begins with https:// or http://"
        case .status(let status): "expected the status 200 or 206, found \(status)"
        case .range(let start, let found): "expected the bytes from \(start) on, found '\(found)'"
        case .connection(let reason): "expected the whole file, found: \(reason)"
        case .unavailable(let failures):
            "expected a mirror that has it, found none: "
                + failures.map(\.description).joined(separator: "; ")
        case .damagedArchive(let reason): "expected gzip-compressed data, found damage: \(reason)"
        case .refusedEntry(let name, let why): "refused for its entry '\(name)': \(why)"
        case .missingEntry(let name): "expected an entry '\(name)', found none"
        }
    }
}
