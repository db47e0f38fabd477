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

    static func write(_ contents: [UInt8], to path: String) throws(ConvolutionError) {
        makeDirectory(of: path)
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max))"
        guard let file = fopen(temporary, "wbx") else { throw failure(path) }
        let written = contents.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        let isComplete = written == contents.count && fflush(file) == 0 && fsync(fileno(file)) == 0
        guard fclose(file) == 0, isComplete, rename(temporary, path) == 0 else {
            let failure = failure(path)
            unlink(temporary)
            throw failure
        }
    }

    /// Makes the directories above `path` that are missing; if that fails, opening the file will say so.
    private static func makeDirectory(of path: String) {
        for (index, character) in path.enumerated() where character == "/" && index > 0 {
            mkdir(String(path.prefix(index)), 0o755)
        }
    }

    private static func failure(_ path: String) -> ConvolutionError {
        .wisdom(path: path, reason: String(cString: strerror(errno)))
    }
}
