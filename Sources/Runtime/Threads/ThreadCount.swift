import Synchronization

/// How many threads a parallel loop may use.
package enum ThreadCount {
    /// The number for loops that begin here: that of the innermost ``with(_:_:)`` around the caller, else the
    /// process's.
    package static var current: Int { scoped ?? ofProcess.load(ordering: .relaxed) }

    /// Sets the number for the whole process.
    package static func setForProcess(_ count: Int) { ofProcess.store(count, ordering: .relaxed) }

    /// Calls `body` with another number for the loops that it begins; other tasks keep theirs.
    package static func with<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        try $scoped.withValue(count, operation: body)
    }

    /// The numbers that may be chosen.
    package static var possible: ClosedRange<Int> { 1...4096 }

    @TaskLocal private static var scoped: Int?

    private static let ofProcess = Atomic<Int>(initialCount)

    /// `LONGCONV_NUM_THREADS` if it is set to a number from 1 to 4096, else the processors that this process may use.
    private static var initialCount: Int {
        let available = ProcessorLimit().processorCount
        guard let setting = environment("LONGCONV_NUM_THREADS") else { return available }
        guard let count = Int(setting), possible.contains(count) else {
            writeWarning(
                "LONGCONV_NUM_THREADS: expected a number from 1 to 4096, found \"\(setting)\"; using \(available)"
            )
            return available
        }
        return count
    }
}
