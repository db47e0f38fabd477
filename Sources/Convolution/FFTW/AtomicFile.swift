import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Small files that are replaced atomically: a reader sees the old contents or the new, never a part.
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

    /// Replaces a file's contents with those that `update` computes from the present ones, `nil` if there is no file.
    ///
    /// A lock on the folder serializes updates, across processes too. A symbolic link stays, and the file that it names
    /// is replaced.
    ///
    /// - Throws: ``ConvolutionError/wisdom(path:reason:)`` with the system's reason, or if something other than a regular
    ///   file is there; then nothing has changed.
    static func update(
        _ path: String, limit: Int, _ update: ([UInt8]?) throws(ConvolutionError) -> [UInt8]
    ) throws(ConvolutionError) {
        let target = try followLinks(path)
        let folder = folder(of: target)
        try makeFolder(folder, for: path)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        // Closing the descriptor releases the lock. On file systems without locks the last writer wins.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        let isThere = try isRegularFile(target, for: path)
        let contents = try update(isThere ? read(target, limit: limit) : nil)
        try replace(target, with: contents, for: path)
        // So that the new name survives a loss of power. Some file systems report that a folder cannot be synced.
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

    /// The target of a path whose last component may be a chain of symbolic links, even to a file that does not exist.
    private static func followLinks(_ path: String) throws(ConvolutionError) -> String {
        var target = path
        // Linux follows at most 40 links.
        for _ in 0..<40 {
            var name = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink(target, &name, name.count - 1)
            // Not a link, or not there.
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

    /// Creates a folder and its parents, unless they exist.
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
