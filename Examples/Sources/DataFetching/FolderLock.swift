import Foundation

/// Keeps other programs from fetching into the same folder, for as long as it lives.
final class FolderLock {
    private let descriptor: Int32

    /// Creates the folder if it is not there, and locks it. The system unlocks it when the program ends, however it ends.
    init(_ folder: String) throws(DataFetchError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DataFetchError(folder, .system(error.localizedDescription))
        }
        descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(folder) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw DataFetchError(folder, .busy) }
    }

    deinit { close(descriptor) }
}
