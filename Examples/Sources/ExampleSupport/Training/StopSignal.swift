import Foundation
import Synchronization

/// The signals that ask a program to end: a training keeps where it is before it does.
public enum StopSignal {
    /// Those signals: a hang-up comes when the terminal is closed.
    private static let all = [SIGHUP, SIGINT, SIGTERM]
    /// The number of the signal that came, or 0.
    private static let number = Atomic<Int32>(0)
    /// The signals that are caught.
    private static let caught = Mutex<[Int32]>([])

    /// From now on the first signal is kept for ``received``. After a SIGINT or SIGTERM, another of either ends the program at
    /// once. A SIGHUP does not count: where a terminal is closed, several may come, and a SIGTERM behind them.
    ///
    /// Signals that the program was started to ignore, as `nohup` does with SIGHUP, stay ignored.
    public static func catchFirst() {
        // Besides, this initializes the number before a handler can meet it.
        number.store(0, ordering: .relaxed)
        let signals = all.filter { !isIgnored($0) }
        caught.withLock { $0 = signals }
        // Programs inherit what the thread that started them kept from itself, as Dispatch's threads do.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        for caught in signals { sigaddset(&unblocked, caught) }
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
        for caught in signals {
            signal(caught) { caught in
                _ = StopSignal.number.compareExchange(expected: 0, desired: caught, ordering: .relaxed)
                if caught == SIGHUP {
                    // A closed terminal sends two hang-ups, one itself and one through its shell.
                    signal(SIGHUP, SIG_IGN)
                } else {
                    StopSignal.endProgramNextTime()
                }
            }
        }
    }

    /// From now on SIGINT and SIGTERM end the program unless they are ignored. A handler calls this: nothing is allocated, and
    /// all functions are async-signal-safe.
    private static func endProgramNextTime() {
        if !isIgnored(SIGINT) { signal(SIGINT, SIG_DFL) }
        if !isIgnored(SIGTERM) { signal(SIGTERM, SIG_DFL) }
    }

    /// From now on a signal ends the program.
    public static func endProgram() {
        let signals = caught.withLock { signals in
            defer { signals = [] }
            return signals
        }
        for caught in signals { signal(caught, SIG_DFL) }
    }

    /// The signal that came, if one did.
    public static var received: Int32? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// The name of one of these signals.
    public static func name(_ signal: Int32) -> String {
        [SIGHUP: "SIGHUP", SIGINT: "SIGINT"][signal] ?? "SIGTERM"
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// A command was asked to stop by a signal.
public protocol SignalInterruption: Error {
    /// The signal that came.
    var signal: Int32 { get }
}

extension SignalInterruption {
    /// What shells say of a program that a signal ended.
    var exitCode: Int32 { 128 + signal }
}

/// A training was asked to stop, and kept where it was.
struct TrainingInterruption: SignalInterruption, CustomStringConvertible {
    let signal: Int32
    let step: Int
    let checkpoint: String

    var description: String {
        "stopped by \(StopSignal.name(signal)) after step \(step); --resume continues from \(checkpoint)"
    }
}
