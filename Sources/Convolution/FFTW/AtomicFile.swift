import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Small files, read whole and replaced whole: a reader sees the old contents or the new, never a part.
enum AtomicFile {
    static func read(_ path: String, limit: Int) throws(ConvolutionError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw failure(path) }
        defer { fclose(file) }
        var contents = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while true {
            let read = contents.withUnsafeMutableBytes {
                fread($0.baseAddress! + count, 1, $0.count - count, file)
            }
            count += read
            if count > limit { throw .wisdom(path: path, reason: "it has more than \(limit) bytes") }
            if read == 0 { break }
            if count == contents.count { contents += [UInt8](repeating: 0, count: contents.count) }
        }
        guard ferror(file) == 0 else { throw failure(path) }
        return Array(contents.prefix(count))
    }

    /// Replaces a file by what `update` makes of its contents, which are `nil` where there is no file yet.
    ///
    /// Who updates a file in the same folder meanwhile waits, in this process or another. A symbolic link stays, and
    /// the file that it names is replaced.
    ///
    /// - Throws: ``ConvolutionError/wisdom(path:reason:)`` with the system's reason, also for what is there and is no
    ///   regular file; then nothing has changed.
    static func update(
        _ path: String, limit: Int, _ update: ([UInt8]?) throws(ConvolutionError) -> [UInt8]
    ) throws(ConvolutionError) {
        let target = try followLinks(path)
        let folder = folder(of: target)
        try makeFolder(folder, for: path)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        // The lock ends with the descriptor. File systems without locks are left to a race of the last writers.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        let isThere = try isRegularFile(target, for: path)
        let contents = try update(isThere ? read(target, limit: limit) : nil)
        try replace(target, with: contents, for: path)
        // The new name outlives a loss of power; some file systems have no need of it and say that it is invalid.
        if fsync(descriptor) != 0, errno != EINVAL { throw failure(path) }
    }

    private static func replace(
        _ target: String, with contents: [UInt8], for path: String
    ) throws(ConvolutionError) {
        let temporary = "\(target).\(getpid()).\(UInt32.random(in: .min ... .max))"
        guard let file = fopen(temporary, "wbx") else { throw failure(path) }
        let written = contents.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        var reason: ConvolutionError?
        if written != contents.count || fflush(file) != 0 || fsync(fileno(file)) != 0 {
            reason = failure(path)
        }
        if fclose(file) != 0 { reason = reason ?? failure(path) }
        if reason == nil, rename(temporary, target) != 0 { reason = failure(path) }
        if let reason {
            unlink(temporary)
            throw reason
        }
    }

    /// Where a path leads: symbolic links at its end are followed, also where what they name is not there yet.
    private static func followLinks(_ path: String) throws(ConvolutionError) -> String {
        var target = path
        // As many as Linux follows.
        for _ in 0..<40 {
            var name = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink(target, &name, name.count - 1)
            // Not a link, or not there at all.
            guard count >= 0 else { return target }
            let link = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            target = link.hasPrefix("/") ? link : folder(of: target) + "/" + link
        }
        throw .wisdom(path: path, reason: String(cString: strerror(ELOOP)))
    }

    /// Whether a file is there.
    ///
    /// - Throws: when something else is.
    private static func isRegularFile(_ target: String, for path: String) throws(ConvolutionError) -> Bool {
        var status = stat()
        guard lstat(target, &status) == 0 else {
            if errno == ENOENT { return false }
            throw failure(path)
        }
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: nil as String?
            case S_IFDIR: "a folder"
            case S_IFCHR, S_IFBLK: "a device"
            case S_IFIFO: "a pipe"
            case S_IFSOCK: "a socket"
            default: "something else"
            }
        if let kind { throw .wisdom(path: path, reason: "expected a regular file, found \(kind)") }
        return true
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder, and those above it, unless they are there.
    private static func makeFolder(_ folder: String, for path: String) throws(ConvolutionError) {
        if mkdir(folder, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, folder.contains("/") else { throw failure(path) }
        try makeFolder(self.folder(of: folder), for: path)
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private static func failure(_ path: String) -> ConvolutionError {
        .wisdom(path: path, reason: String(cString: strerror(errno)))
    }
}
