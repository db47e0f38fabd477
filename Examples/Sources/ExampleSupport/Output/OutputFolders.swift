import Synchronization
import Training

/// The folders that were created in this run.
private let createdFolders = Mutex<[OutputFolder]>([])

/// Creates the folder that `option` names if it is not there, and refuses one that cannot be written to. If the command
/// fails, it is removed unless there is something in it.
public func createFolder(_ folder: String, option: String = "--output") throws {
    do throws(DataFileError) {
        let created = try OutputFolder(folder)
        createdFolders.withLock { $0.append(created) }
    } catch {
        throw OptionError(option: option, error: error)
    }
}

/// Removes the folders that were created and are still empty.
func removeEmptyFolders() {
    let folders = createdFolders.withLock { $0 }
    for folder in folders.reversed() { folder.removeIfEmpty() }
}

/// An error about the file or folder that an option names.
struct OptionError: Error, CustomStringConvertible {
    let option: String
    let error: DataFileError

    var description: String { "\(option): \(error)" }
}
