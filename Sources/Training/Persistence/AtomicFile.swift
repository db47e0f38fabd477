import Runtime

/// Files that are replaced at once.
public enum AtomicFile {
    /// Replaces the file at `path`, which need not exist, by one with the given bytes.
    ///
    /// A reader sees the old contents or the new, never a part, also after a loss of power: the bytes are written to a
    /// temporary file in the same folder, synchronized to the disk and renamed, and the folder is synchronized. A symbolic
    /// link stays one; permissions stay.
    ///
    /// - Throws: ``DataFileError`` with the system's reason, or if something other than a regular file is at `path`. Then
    ///   the old file is as it was, unless only the folder could not be synchronized.
    public static func write(_ bytes: [UInt8], to path: String) throws(DataFileError) {
        do throws(FileError) {
            try FileReplacement.write(bytes, to: path)
        } catch {
            throw DataFileError(file: path, reason: .unwritable("\(error.reason)"))
        }
    }

    /// Removes the file at `path`, if there is one, and waits until the disk knows.
    ///
    /// - Throws: ``DataFileError`` with the system's reason.
    public static func remove(_ path: String) throws(DataFileError) {
        do throws(FileError) {
            try FileReplacement.remove(path)
        } catch {
            throw DataFileError(file: path, reason: .unwritable("\(error.reason)"))
        }
    }

    /// Removes the temporary files in a folder that were left by processes which are gone.
    ///
    /// To be called while this process writes nothing there: files with its number count as those of an earlier process that had
    /// the same, as in containers.
    public static func removeAbandoned(in folder: String) { FileReplacement.removeAbandoned(in: folder) }
}
