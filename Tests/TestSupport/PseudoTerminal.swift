import Foundation

/// A terminal without a screen: what is written to it can be read.
public final class PseudoTerminal: Sendable {
    /// The end of the program that takes it for its terminal.
    public let descriptor: Int32
    private let reader: Int32

    /// Opens a terminal of the given width.
    public init(columnCount: Int) throws {
        #if os(Linux)
        // What posix_openpt, unlockpt and ptsname do, which Swift does not import: TIOCSPTLCK and TIOCGPTN.
        reader = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard ioctl(reader, 0x4004_5431, &lock) == 0, ioctl(reader, 0x8004_5430, &number) == 0 else {
            throw PseudoTerminalError(reason: String(cString: strerror(errno)))
        }
        descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        #else
        var (first, second): (Int32, Int32) = (-1, -1)
        openpty(&first, &second, nil, nil, nil)
        (reader, descriptor) = (first, second)
        #endif
        guard descriptor >= 0 else { throw PseudoTerminalError(reason: String(cString: strerror(errno))) }
        // Programs that are started in between get none of the ends but those that they are given.
        for end in [reader, descriptor] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        resize(columnCount: columnCount)
    }

    deinit {
        close(descriptor)
        close(reader)
    }

    /// Changes the width; 0 stands for one that is not known.
    public func resize(columnCount: Int) {
        var size = winsize()
        (size.ws_row, size.ws_col) = (24, UInt16(columnCount))
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// What was written since the last call; a line feed comes as carriage return and line feed.
    public func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(reader, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// The system has no terminal to give.
    public struct PseudoTerminalError: Error {
        /// The system's reason.
        public let reason: String
    }
}
