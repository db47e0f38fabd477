#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// An exclusive advisory lock on a folder, held for as long as its value lives; the system releases it when the process
/// ends, however it ends.
package final class AdvisoryLock: Sendable {
    private let descriptor: Int32

    /// Locks the folder at `path`, which exists.
    ///
    /// - Parameter isWaiting: Whether to wait for a lock that somebody else holds.
    /// - Throws: ``FileError``, with the reason ``FileError/Reason/locked`` if somebody holds the lock and otherwise with
    ///   the system's reason.
    package init(onFolder path: String, isWaiting: Bool) throws(FileError) {
        descriptor = try withoutInterruption(path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        // From here on an error runs `deinit`, which closes the folder.
        do throws(FileError) {
            _ = try withoutInterruption(path) { flock(descriptor, LOCK_EX | (isWaiting ? 0 : LOCK_NB)) }
        } catch {
            throw error.reason == .system(EWOULDBLOCK) ? FileError(path, .locked) : error
        }
    }

    deinit { close(descriptor) }
}
