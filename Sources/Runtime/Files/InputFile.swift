#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A file that is read from front to back: a regular file, a pipe or a device. Nothing is sought, so that pipes lose no
/// byte.
package final class InputFile {
    /// The path, as it was given.
    package let path: String
    let descriptor: Int32
    /// A byte that was read while waiting for a writer.
    private var firstByte: UInt8?
    /// The number of bytes of a regular file when it was opened; `nil` for what has no size.
    package let byteCount: Int?
    /// The number of bytes that were read.
    package private(set) var position = 0

    /// The seconds that a named pipe waits for somebody to write to it.
    package static let secondsToWait = 30

    /// Opens the file at `path`.
    ///
    /// - Parameter seconds: The time that a named pipe waits for a writer. Once there is one, reading waits for as long as
    ///   the writer lives.
    package init(_ path: String, waitingForWriter seconds: Int = secondsToWait) throws(FileError) {
        self.path = path
        // Without O_NONBLOCK, opening a named pipe waits for a writer, however long.
        descriptor = try withoutInterruption(path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        var status = stat()
        let hasStatus = fstat(descriptor, &status) == 0
        byteCount = hasStatus && status.isRegularFile ? Int(status.st_size) : nil
        // From here on an error runs `deinit`, which closes the file.
        guard hasStatus else { throw FileError.system(path) }
        guard !status.isFolder else { throw FileError(path, .system(EISDIR)) }
        if status.isPipe { try waitForWriter(seconds) }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
            throw FileError.system(path)
        }
    }

    deinit { close(descriptor) }

    /// Waits until a pipe has, or had, a writer.
    private func waitForWriter(_ seconds: Int) throws(FileError) {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&polled, 1, 20)
            // Bytes, or a writer that is gone again.
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw .system(path) }
            // Neither: a read would wait for a writer that has written nothing yet, and finds the end of the file if there
            // is none.
            var byte: UInt8 = 0
            switch systemRead(descriptor, &byte, 1) {
            case 1:
                firstByte = byte
                return
            case 0: break
            default:
                if errno == EAGAIN { return }
                guard errno == EINTR else { throw .system(path) }
            }
            if ContinuousClock.now >= end { throw FileError(path, .noWriter(seconds: seconds)) }
        }
    }

    /// Fills `memory` as far as the file goes, and returns the number of bytes: fewer than its count only at the end.
    package func read(into memory: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard !memory.isEmpty else { return 0 }
        var count = 0
        if let byte = firstByte {
            memory[0] = byte
            firstByte = nil
            count = 1
        }
        while count < memory.count {
            let start = memory.baseAddress! + count, room = memory.count - count
            let part = try withoutInterruption(path) { systemRead(descriptor, start, room) }
            if part == 0 { break }
            count += part
        }
        position += count
        return count
    }

    /// Lets the system read the next bytes of a regular file ahead, while the caller does something else.
    package func prefetch(byteCount count: Int) {
        #if os(Linux)
        // Advice: where it is not taken, reading waits.
        if byteCount != nil { posix_fadvise(descriptor, off_t(position), off_t(count), POSIX_FADV_WILLNEED) }
        #endif
    }

    /// The rest of the file.
    ///
    /// Memory grows with the bytes that arrive.
    ///
    /// - Throws: ``FileError``, also for more than `limit` bytes.
    package func readToEnd(limit: Int) throws(FileError) -> [UInt8] {
        if let byteCount, byteCount > limit { throw FileError(path, .tooLarge(limit: limit)) }
        var contents: [UInt8] = []
        // One byte more than announced: the end of the file shows itself in the first read.
        var room = min(limit, byteCount ?? 1 << 16) + 1
        while true {
            let start = contents.count
            contents.append(contentsOf: repeatElement(0, count: room))
            let found = try contents.withUnsafeMutableBufferPointer { (memory) throws(FileError) in
                try read(
                    into: UnsafeMutableRawBufferPointer(
                        UnsafeMutableBufferPointer(rebasing: memory[start...])))
            }
            contents.removeLast(room - found)
            if contents.count > limit { throw FileError(path, .tooLarge(limit: limit)) }
            if found < room { return contents }
            room = min(max(contents.count, 1 << 16), limit + 1 - contents.count)
        }
    }

    /// The contents of the file at `path`, of at most `limit` bytes.
    package static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
        try InputFile(path).readToEnd(limit: limit)
    }
}
