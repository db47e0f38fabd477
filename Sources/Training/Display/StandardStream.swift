import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A standard stream of the process, for text that may get lost: a program outlives the loss of its reader.
public enum StandardStream: Int32, Sendable {
    /// Standard output.
    case output = 1
    /// Standard error.
    case error = 2

    /// Writes text at once, without a buffer, so that both streams stay in order where they go to one file.
    ///
    /// - Returns: `nil` if all was written, otherwise the system's reason; what could not be written is lost. Where the
    ///   process does not ignore SIGPIPE, a missing reader ends it.
    @discardableResult
    public func write(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = systemWrite(rawValue, rest.baseAddress!, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if count < 0, errno == EAGAIN {
                    // Somebody else made the stream non-blocking.
                    var polled = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&polled, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return String(cString: strerror(count == 0 ? EIO : errno))
                }
            }
            return nil
        }
    }
}
