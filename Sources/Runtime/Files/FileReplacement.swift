import CRuntime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// New contents for a file, which replace the old ones at once: a reader sees the old or the new, never a part, also after
/// a loss of power.
///
/// The contents are written to a temporary file in the same folder, synchronized to the disk and renamed; then the folder
/// is synchronized. Without ``commit()``, or after an error before the renaming, the old file stays as it is. A symbolic
/// link stays one, and the file that it names is replaced; permissions stay.
package final class FileReplacement {
    private let path: String
    private let target: String
    private let temporary: String
    private let descriptor: Int32
    private var isOpen = true
    /// Bytes that are not written yet: most tensors of a checkpoint are much smaller than what is worth a system call.
    private var buffer: [UInt8] = []

    private static let bufferByteCount = 1 << 18

    /// The beginning of the names of temporary files. A process that is killed leaves its own behind.
    package static let temporaryPrefix = ".replacement-"

    /// Begins to replace the file at `path`, which need not exist.
    ///
    /// - Throws: ``FileError``, also if something other than a regular file is there.
    package init(of path: String) throws(FileError) {
        self.path = path
        target = try followLinks(path)
        let present = try statusOfRegularFile(target, for: path)
        // Names of any length can be replaced, as this one does not contain them.
        let folder = folder(of: target)
        temporary = "\(folder)/\(Self.temporaryPrefix)\(getpid())-\(UInt32.random(in: .min ... .max))"
        let name = temporary
        descriptor = try withoutInterruption(path) {
            open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        // Where it is impossible, as for another user's file, the new file has the usual permissions.
        if let present { _ = fchmod(descriptor, present.st_mode & 0o777) }
    }

    deinit {
        guard isOpen else { return }
        close(descriptor)
        unlink(temporary)
    }

    /// Appends to the new contents.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if buffer.count + bytes.count > Self.bufferByteCount { try flush() }
        if bytes.count < Self.bufferByteCount {
            buffer.append(contentsOf: bytes)
        } else {
            try writeUnbuffered(bytes)
        }
    }

    /// Overwrites the beginning of what was written, as with a header whose lengths are known at the end.
    package func overwriteBeginning(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try flush()
        var done = 0
        while done < bytes.count {
            let start = bytes.baseAddress! + done, count = bytes.count - done, offset = off_t(done)
            let written = try withoutInterruption(path) { pwrite(descriptor, start, count, offset) }
            if written == 0 { throw FileError(path, .system(EIO)) }
            done += written
        }
    }

    /// Lets the system begin to write to the disk what it has, so that committing does not wait for all of it at once.
    package func beginWriteback() throws(FileError) {
        try flush()
        runtime_begin_writeback(descriptor)
    }

    private func flush() throws(FileError) {
        try buffer.withUnsafeBufferPointer { (memory) throws(FileError) in
            try writeUnbuffered(UnsafeRawBufferPointer(memory))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeUnbuffered(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let start = rest.baseAddress!, count = rest.count
            let written = try withoutInterruption(path) { systemWrite(descriptor, start, count) }
            // Only a device or a file system that is broken writes nothing.
            if written == 0 { throw FileError(path, .system(EIO)) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Gives the new contents the file's name.
    ///
    /// - Throws: ``FileError``. If the folder cannot be synchronized, the file is replaced nevertheless.
    package func commit() throws(FileError) {
        do throws(FileError) {
            try flush()
            _ = try withoutInterruption(path) { fsync(descriptor) }
            isOpen = false
            // Interrupted or not, the descriptor is gone.
            if close(descriptor) != 0, errno != EINTR { throw FileError.system(path) }
            _ = try withoutInterruption(path) { rename(temporary, target) }
        } catch {
            if !isOpen { unlink(temporary) }
            throw error
        }
        try Self.synchronize(folder(of: target), for: path)
    }

    /// Replaces the file at `path` by one with the given bytes.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let replacement = try FileReplacement(of: path)
        try bytes.withUnsafeBufferPointer { (memory) throws(FileError) in
            try replacement.write(UnsafeRawBufferPointer(memory))
        }
        try replacement.commit()
    }

    /// Removes the temporary files in a folder whose processes are gone.
    ///
    /// Nothing of this process may be written there: files with its number are left from an earlier process that had the same,
    /// as in containers, where a program often is process 1.
    package static func removeAbandoned(in folder: String) {
        guard let entries = opendir(folder) else { return }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            guard name.hasPrefix(temporaryPrefix) else { continue }
            let process = pid_t(name.dropFirst(temporaryPrefix.count).prefix { $0 != "-" })
            guard let process, process > 0 else { continue }
            guard process == getpid() || kill(process, 0) != 0 && errno == ESRCH else { continue }
            unlink("\(folder)/\(name)")
        }
    }

    /// Removes the file at `path`, if there is one, and waits until the disk knows.
    package static func remove(_ path: String) throws(FileError) {
        do throws(FileError) {
            _ = try withoutInterruption(path) { unlink(path) }
        } catch {
            if error.reason == .system(ENOENT) { return }
            throw error
        }
        try synchronize(Runtime.folder(of: path), for: path)
    }

    /// Waits until the disk has the names in a folder.
    private static func synchronize(_ folder: String, for path: String) throws(FileError) {
        let descriptor: Int32
        do throws(FileError) {
            descriptor = try withoutInterruption(path) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        } catch {
            // One may write to a folder that one may not read.
            if error.reason == .system(EACCES) { return }
            throw error
        }
        defer { close(descriptor) }
        do throws(FileError) {
            _ = try withoutInterruption(path) { fsync(descriptor) }
        } catch {
            // Some file systems cannot synchronize folders.
            if error.reason != .system(EINVAL) { throw error }
        }
    }
}
