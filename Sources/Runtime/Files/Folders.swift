#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The folder of a path; `.` for a name alone.
package func folder(of path: String) -> String {
    // By bytes: a slash and a combining character behind it are one `Character`, which is no slash.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(Substring(path.utf8[..<slash]))
}

/// Creates a folder and its parents, unless they exist.
///
/// - Returns: The folders that were created, outermost first.
@discardableResult
package func makeFolder(_ path: String) throws(FileError) -> [String] {
    if mkdir(path, 0o777) == 0 { return [path] }
    var created: [String] = []
    if errno == ENOENT, path.utf8.contains(UInt8(ascii: "/")), folder(of: path) != path {
        do throws(FileError) {
            created = try makeFolder(folder(of: path))
        } catch {
            throw FileError(path, error.reason)
        }
        if mkdir(path, 0o777) == 0 { return created + [path] }
    }
    let number = errno
    var status = stat()
    // A link to a folder is one.
    guard number == EEXIST, stat(path, &status) == 0 else { throw FileError(path, .system(number)) }
    guard status.isFolder else { throw FileError(path, .system(ENOTDIR)) }
    return created
}

/// The target of a path whose last component may be a chain of symbolic links, even to a file that does not exist.
package func followLinks(_ path: String) throws(FileError) -> String {
    var target = path
    // Linux follows at most 40 links.
    for _ in 0..<40 {
        var name = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(target, &name, name.count - 1)
        // Not a link, or not there.
        guard count >= 0 else { return target }
        let link = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        target = link.utf8.first == UInt8(ascii: "/") ? link : folder(of: target) + "/" + link
    }
    throw FileError(path, .system(ELOOP))
}

/// Whether a regular file is at `path`, or where the symbolic link there leads.
///
/// - Throws: ``FileError``, also if something else is there.
package func isRegularFile(_ path: String) throws(FileError) -> Bool {
    try statusOfRegularFile(try followLinks(path), for: path) != nil
}

/// What the system knows of the regular file `target`; `nil` if nothing is there.
func statusOfRegularFile(_ target: String, for path: String) throws(FileError) -> stat? {
    var status = stat()
    guard lstat(target, &status) == 0 else {
        if errno == ENOENT { return nil }
        throw .system(path)
    }
    guard status.isRegularFile else {
        throw FileError(path, .kind(expected: "a regular file", found: status.kind))
    }
    return status
}
