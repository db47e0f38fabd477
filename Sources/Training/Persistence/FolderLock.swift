import Runtime

/// A folder that this process alone uses, for as long as its value lives.
///
/// The lock is advisory (`flock`): it keeps out those who ask for one. The system releases it when the process ends,
/// however it ends.
public final class FolderLock: Sendable {
    private let lock: AdvisoryLock

    /// Locks the folder at `path`, which must exist.
    ///
    /// - Throws: ``DataFileError`` with the reason ``DataFileError/Reason/inUse`` if somebody else has locked the folder,
    ///   and with ``DataFileError/Reason/unlockable(_:)`` if the system makes no lock.
    public init(_ path: String) throws(DataFileError) {
        do throws(FileError) {
            lock = try AdvisoryLock(onFolder: path, isWaiting: false)
        } catch {
            throw DataFileError(
                file: path, reason: error.reason == .locked ? .inUse : .unlockable("\(error.reason)"))
        }
    }
}
