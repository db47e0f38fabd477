import Foundation

/// What the system says of its last refusal.
func systemError(_ path: String) -> DataFetchError {
    DataFetchError(path, .system(String(cString: strerror(errno))))
}

/// Repeats a call of the system while signals interrupt it.
///
/// - Throws: ``DataFetchError`` for a result of -1.
func withoutInterruption<Result: SignedInteger>(
    _ path: String, _ call: () -> Result
) throws(DataFetchError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        guard errno == EINTR else { throw systemError(path) }
    }
}

/// The number of bytes of the regular file at `path`, or where a symbolic link there leads; `nil` if nothing is there.
///
/// - Throws: ``DataFetchError``, also if something else is there.
func fileSize(_ path: String) throws(DataFetchError) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else {
        // A link to nothing is something.
        if errno == ENOENT, lstat(path, &status) != 0 { return nil }
        throw systemError(path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DataFetchError(path, .noFile) }
    return Int(status.st_size)
}

/// Gives a file in the folder another name there, which nothing has, and waits until the disk has the names. Between two
/// programs, the folder's lock keeps the name free.
func move(_ source: String, to target: String, in folder: String) throws(DataFetchError) {
    var status = stat()
    guard lstat(target, &status) != 0 else {
        throw DataFetchError(target, .system(String(cString: strerror(EEXIST))))
    }
    guard errno == ENOENT else { throw systemError(target) }
    _ = try withoutInterruption(target) { rename(source, target) }
    try synchronizeNames(in: folder)
}

/// Waits until the disk has the names in a folder.
func synchronizeNames(in folder: String) throws(DataFetchError) {
    let descriptor = try withoutInterruption(folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
        // Some file systems cannot synchronize folders.
        if errno == EINVAL { return }
        guard errno == EINTR else { throw systemError(folder) }
    }
}
