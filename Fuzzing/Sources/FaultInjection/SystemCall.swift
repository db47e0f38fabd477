/// A system call that is made to fail, and the errors with which it may.
struct SystemCall {
    let name: String
    let errors: [String]

    /// The calls that open, read, write, synchronize, rename, remove, lock or map.
    static let all = [
        SystemCall(name: "openat", errors: ["EACCES", "ENOSPC", "EIO", "EINTR", "EMFILE", "ENOMEM"]),
        SystemCall(name: "read", errors: ["EIO", "EINTR"]),
        SystemCall(name: "write", errors: ["ENOSPC", "EIO", "EINTR"]),
        SystemCall(name: "ftruncate", errors: ["ENOSPC", "EIO"]),
        SystemCall(name: "fsync", errors: ["EIO", "EINTR", "ENOSPC"]),
        SystemCall(name: "rename", errors: ["EACCES", "EIO", "ENOSPC", "EINTR"]),
        SystemCall(name: "unlink", errors: ["EACCES", "EIO"]),
        SystemCall(name: "mkdir", errors: ["EACCES", "ENOSPC", "EIO"]),
        SystemCall(name: "flock", errors: ["ENOLCK", "EINTR", "EIO"]),
        SystemCall(name: "mmap", errors: ["ENOMEM"]),
    ]
}

/// An error in the n-th of a program's calls, counted in each of its threads.
struct Fault: CustomStringConvertible {
    let call: String
    let error: String
    let number: Int

    /// What `strace` calls it.
    var expression: String { "inject=\(call):error=\(error):when=\(number)" }
    var description: String { "\(error) in \(call) number \(number)" }
}
