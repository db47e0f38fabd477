import Runtime

/// How many threads the package's loops may use.
///
/// Results do not depend on it: work is cut into the same tasks for any number of threads, and sums over tasks are made
/// in a fixed order.
public enum Threads {
    /// The number of threads for the whole process, at least 1.
    ///
    /// At first it is the value of the environment variable `LONGCONV_NUM_THREADS`, if that is set, else the number of
    /// processors that this process may use: those on which any of its threads may run, at most the quota of its control
    /// group, rounded up. Inside ``withCount(_:_:)`` it is that scope's number.
    public static var count: Int {
        get { ThreadCount.current }
        set { ThreadCount.setForProcess(checked(newValue)) }
    }

    /// Calls `body` with another number of threads for the convolutions and tensor operations that it carries out;
    /// other tasks and threads keep theirs.
    public static func withCount<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        try ThreadCount.with(checked(count), body)
    }

    private static func checked(_ count: Int) -> Int {
        require(count >= 1, "the number of threads is at least 1, got \(count)")
        return count
    }
}
