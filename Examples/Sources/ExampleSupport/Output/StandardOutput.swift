import Synchronization
import Training

/// Standard output, for what a command was run for: the command goes on if some of that is lost, but does not succeed.
enum StandardOutput {
    /// The system's reason for the first loss.
    private static let loss = Mutex<String?>(nil)

    /// Whether nothing is written: another process says what there is to say.
    private static let isMuted = Atomic(false)

    /// From now on nothing is written.
    static func mute() { isMuted.store(true, ordering: .relaxed) }

    /// Whether this process says anything.
    static var isHeard: Bool { !isMuted.load(ordering: .relaxed) }

    /// Writes text at once: where both streams go to one file, it stays in order with the progress.
    static func write(_ text: String) {
        guard isHeard, let reason = StandardStream.output.write(text) else { return }
        loss.withLock { $0 = $0 ?? reason }
    }

    /// Throws if anything was lost.
    static func expectComplete() throws(LostOutputError) {
        if let reason = loss.withLock({ $0 }) { throw LostOutputError(reason: reason) }
    }
}

/// Results could not be written to standard output.
struct LostOutputError: Error, CustomStringConvertible {
    /// The system's reason.
    let reason: String

    var description: String { "standard output cannot be written: \(reason)" }
}

/// Writes a result and the end of its line to standard output.
public func say(_ text: String, terminator: String = "\n") { StandardOutput.write(text + terminator) }
