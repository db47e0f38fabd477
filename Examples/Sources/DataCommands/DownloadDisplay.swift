import DataFetching
import ExampleSupport
import Foundation
import Synchronization

/// Shows on a terminal how far a download is, in a line that is drawn over itself.
final class DownloadDisplay: Sendable {
    private struct State {
        var start = ContinuousClock.now
        var firstCount: Int?
        var lastDrawn: ContinuousClock.Instant?
    }

    private let isShown: Bool
    private let state = Mutex(State())

    /// A display on standard error, if that is a terminal.
    init(isShown: Bool) { self.isShown = isShown && isatty(STDERR_FILENO) == 1 }

    /// Draws how many bytes of an archive there are, unless that was drawn less than a tenth of a second ago.
    func show(_ archive: Archive, byteCount: Int) {
        guard isShown else { return }
        let line = state.withLock { state -> String? in
            let now = ContinuousClock.now
            if state.firstCount == nil { (state.firstCount, state.start) = (byteCount, now) }
            if let last = state.lastDrawn, now - last < .milliseconds(100), byteCount < archive.byteCount {
                return nil
            }
            state.lastDrawn = now
            let seconds = max((now - state.start) / .seconds(1), 1e-9)
            let speed = Double(byteCount - (state.firstCount ?? 0)) / seconds / 1e6
            let share = 100 * byteCount / archive.byteCount
            return "\(archive.name)  \(share) %  \(decimal(Double(byteCount) / 1e6, 1)) of "
                + "\(decimal(Double(archive.byteCount) / 1e6, 1)) MB  \(decimal(speed, 1)) MB/s"
        }
        if let line { FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8)) }
    }

    /// Takes the line away when `body` ends, however it does.
    func untilEnd<Result>(_ body: () throws -> Result) rethrows -> Result {
        defer { end() }
        return try body()
    }

    private func end() {
        let wasDrawn = state.withLock { state in
            let wasDrawn = state.lastDrawn != nil
            state = State()
            return wasDrawn
        }
        if wasDrawn { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
