import Foundation
import Synchronization

/// The signals that ask a program to end: a training keeps where it is before it does.
enum StopSignal {
    /// The number of the signal that came, or 0.
    private static let number = Atomic<Int32>(0)

    /// From now on the first signal is kept for ``received``; the second ends the program at once.
    static func catchFirst() {
        // Besides, this initializes the number before a handler can meet it.
        number.store(0, ordering: .relaxed)
        // Programs inherit what the thread that started them kept from itself, as Dispatch's threads do.
        var caughtSignals = sigset_t()
        sigemptyset(&caughtSignals)
        for caught in [SIGINT, SIGTERM] { sigaddset(&caughtSignals, caught) }
        pthread_sigmask(SIG_UNBLOCK, &caughtSignals, nil)
        for caught in [SIGINT, SIGTERM] {
            signal(caught) { caught in
                StopSignal.number.store(caught, ordering: .relaxed)
                signal(caught, SIG_DFL)
            }
        }
    }

    /// From now on a signal ends the program.
    static func endProgram() {
        for caught in [SIGINT, SIGTERM] { signal(caught, SIG_DFL) }
    }

    /// The signal that came, if one did.
    static var received: Int32? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}

/// A training was asked to stop, and kept where it was.
struct TrainingInterruption: Error, CustomStringConvertible {
    let signal: Int32
    let step: Int
    let checkpoint: String

    var description: String {
        "stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") after step \(step); --resume continues from "
            + checkpoint
    }

    /// What shells say of a program that a signal ended.
    var exitCode: Int32 { 128 + signal }
}
