import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// How many threads the package's loops may use.
public enum Threads {
    /// The number of threads, at least 1; at first one for each processor that this process may run on.
    ///
    /// Results do not depend on it: work is cut into the same pieces for any number of threads, and sums over
    /// pieces are made in a fixed order.
    public static var count: Int {
        get { storedCount.load(ordering: .relaxed) }
        set {
            precondition(newValue >= 1, "the number of threads is at least 1, got \(newValue)")
            storedCount.store(newValue, ordering: .relaxed)
        }
    }

    private static let storedCount = Atomic<Int>(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}

/// Whether so much work earns back the microseconds that it costs to spread it over threads.
package func isWorthSpreading(nanoseconds: Double) -> Bool { nanoseconds > 20_000 }

/// Calls `body` once for each task 0 ..< `count`, on up to `workers` threads, and waits for all.
///
/// `worker` is below `workers` and is never used by two calls at once, so it may choose a workspace. Who keeps
/// workspaces says how many, as ``Threads/count`` may have changed since they were made.
/// A thread takes `run` consecutive tasks at a time. Each task must write to memory of its own. `nanoseconds` is what
/// all tasks take together, about: where that is little, the calling thread does them alone.
package func concurrently(
    _ count: Int, nanoseconds: Double = .infinity, workers: Int = Threads.count,
    run: Int = 1, _ body: (_ task: Int, _ worker: Int) -> Void
) {
    let threads = min(workers, (count + run - 1) / run)
    guard threads > 1, isWorthSpreading(nanoseconds: nanoseconds) else {
        for task in 0..<max(count, 0) { body(task, 0) }
        return
    }
    let next = Atomic<Int>(0)
    func work(_ worker: Int) {
        while true {
            let first = next.wrappingAdd(run, ordering: .relaxed).oldValue
            guard first < count else { return }
            for task in first..<min(first + run, count) { body(task, worker) }
        }
    }
    if Helpers.shared.run(workers: threads, work) { return }
    // Another loop has the helpers: the system's threads then.
    withoutActuallyEscaping(work) { work in
        // The tasks are independent, as promised above, and all are over before this function returns.
        nonisolated(unsafe) let work = work
        DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
    }
}
