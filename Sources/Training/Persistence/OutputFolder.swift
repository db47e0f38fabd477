import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A folder for the files that a program writes, which leaves no trace if there are none in the end.
public struct OutputFolder: Sendable {
    /// The path, as it was given.
    public let path: String
    /// The folders that did not exist before, outermost first.
    private let created: [String]

    /// Creates the folder and its parents, unless they exist.
    ///
    /// - Throws: ``DataFileError`` with the system's reason, also for a folder that cannot be written to.
    public init(_ path: String) throws(DataFileError) {
        self.path = path
        do throws(FileError) {
            created = try makeFolder(path)
        } catch {
            throw DataFileError(file: path, reason: .uncreatable("\(error.reason)"))
        }
        // To write a file is to change the folder and to search it.
        guard access(path, W_OK | X_OK) == 0 else {
            throw DataFileError(file: path, reason: .unwritable(String(cString: strerror(errno))))
        }
    }

    /// Removes the folders that this value created, as far as they are empty.
    public func removeIfEmpty() {
        // The system removes no folder that has entries.
        for folder in created.reversed() { rmdir(folder) }
    }
}
