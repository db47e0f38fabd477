#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The reason why a file or folder could not be opened, read, written, replaced or locked.
package struct FileError: Error, Equatable, Sendable {
    /// The path, as it was given.
    package let path: String
    /// The reason.
    package let reason: Reason

    /// The reasons for a failure.
    package enum Reason: Equatable, Sendable {
        /// The system refuses, with this error number.
        case system(Int32)
        /// Something other than a file of the expected kind is there.
        case kind(expected: String, found: String)
        /// The file has more bytes than are allowed.
        case tooLarge(limit: Int)
        /// Nobody opened the other end of the pipe.
        case noWriter(seconds: Int)
        /// Another process, or another part of this one, holds the lock.
        case locked
    }

    /// A failure that concerns `path`.
    package init(_ path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// The system's last error, as a failure that concerns `path`.
    static func system(_ path: String) -> FileError { FileError(path, .system(errno)) }
}

extension FileError.Reason: CustomStringConvertible {
    /// The reason alone, without the path; the system's in its own words.
    package var description: String {
        switch self {
        case .system(let number): String(cString: strerror(number))
        case .kind(let expected, let found): "expected \(expected), found \(found)"
        case .tooLarge(let limit): "expected at most \(limit) bytes, found more"
        case .noWriter(let seconds): "nothing was written to the pipe within \(seconds) seconds"
        case .locked: "another program is using it"
        }
    }
}

extension stat {
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    var isPipe: Bool { st_mode & S_IFMT == S_IFIFO }

    /// What kind of file it is, for messages.
    var kind: String {
        switch st_mode & S_IFMT {
        case S_IFREG: "a regular file"
        case S_IFDIR: "a folder"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFLNK: "a symbolic link"
        default: "something else"
        }
    }
}
