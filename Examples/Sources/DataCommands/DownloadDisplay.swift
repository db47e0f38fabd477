import DataFetching
import ExampleSupport
import Foundation
import Synchronization
import Training

/// Shows on a terminal how far a download is, in a line that is drawn over itself.
final class DownloadDisplay: Sendable {
    private struct State {
        /// `nil` where nothing is drawn.
        var line: TerminalLine?
        var start = ContinuousClock.now
        var firstCount: Int?
        var lastDrawn: ContinuousClock.Instant?
    }

    private let state: Mutex<State>

    /// A display on standard error, if that is a terminal.
    init(isShown: Bool) { state = Mutex(State(line: isShown ? .onStandardError() : nil)) }

    /// Draws how many bytes of an archive there are, unless that was drawn less than a tenth of a second ago.
    func show(_ archive: Archive, byteCount: Int) {
        state.withLock { state in
            guard state.line != nil else { return }
            let now = ContinuousClock.now
            if state.firstCount == nil { (state.firstCount, state.start) = (byteCount, now) }
            if let last = state.lastDrawn, now - last < .milliseconds(100), byteCount < archive.byteCount {
                return
            }
            state.lastDrawn = now
            let seconds = max((now - state.start) / .seconds(1), 1e-9)
            let speed = Double(byteCount - (state.firstCount ?? 0)) / seconds / 1e6
            state.line?.draw(fields: [
                "\(archive.name)  \(100 * byteCount / archive.byteCount) %", "\(decimal(speed, 1)) MB/s",
                "\(decimal(Double(byteCount) / 1e6, 1)) of \(decimal(Double(archive.byteCount) / 1e6, 1)) MB",
            ])
        }
    }

    /// Takes the line away when `body` ends, however it does.
    func untilEnd<Result>(_ body: () throws -> Result) rethrows -> Result {
        defer { end() }
        return try body()
    }

    private func end() {
        state.withLock { state in
            state.line?.erase()
            state = State(line: state.line)
        }
    }
}
