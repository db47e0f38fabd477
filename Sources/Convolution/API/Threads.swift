import Runtime

/// How many threads the package's loops may use.
///
/// Results do not depend on it: work is cut into the same tasks for any number of threads, and sums over tasks are made
/// in a fixed order.
public enum Threads {
    /// The number of threads for the whole process, from 1 to 4,096.
    ///
    /// At first it is the value of the environment variable `LONGCONV_NUM_THREADS`, if that is set, else the number of
    /// processors that this process may use: those on which any of its threads may run, at most the quota of its control
    /// group, rounded up. Inside ``withCount(_:_:)`` it is that scope's number.
    public static var count: Int {
        get { ThreadCount.current }
        set { ThreadCount.setForProcess(checked(newValue)) }
    }

    /// Calls `body` with another number of threads, from 1 to 4,096, for the convolutions and tensor operations that it carries
    /// out; other tasks and threads keep theirs. Streams whose kernels are given as taps have the number with which they are made.
    public static func withCount<Result, Failure: Error>(
        _ count: Int, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var result: Swift.Result<Result, Failure>?
        // The scope of a task's value forgets the error's type.
        ThreadCount.with(checked(count)) {
            do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
        }
        return try result!.get()
    }

    private static func checked(_ count: Int) -> Int {
        require(ThreadCount.possible.contains(count), "the number of threads is 1 to 4096, got \(count)")
        return count
    }
}
