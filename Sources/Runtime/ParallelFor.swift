import Dispatch
import Synchronization

/// Whether work of this length gains by being spread over threads. Measured in Docs/Decisions/0027: with idle workers
/// spinning, a loop of 20 µs does.
package func isWorthSpreading(nanoseconds: Double) -> Bool { nanoseconds > 20_000 }

/// A parallel loop: calls `body` once for each task 0 ..< `count`, on up to `workers` threads, and waits for all.
///
/// - Parameters:
///   - count: The number of tasks. Each writes to memory of its own.
///   - nanoseconds: The estimated time of all tasks together. Short loops run on the calling thread alone.
///   - workers: The largest number of threads. A caller with a workspace for each worker says how many it has, as
///     ``ThreadCount/current`` may have changed since it made them.
///   - grain: The number of consecutive tasks that a thread takes at a time.
///   - body: Its `worker` is below `workers` and never used by two calls at once, so it may select a workspace.
package func parallelFor(
    _ count: Int, nanoseconds: Double = .infinity, workers: Int = ThreadCount.current,
    grain: Int = 1, _ body: (_ task: Int, _ worker: Int) -> Void
) {
    let threads = min(workers, (count + grain - 1) / grain)
    guard threads > 1, isWorthSpreading(nanoseconds: nanoseconds) else {
        for task in 0..<max(count, 0) { body(task, 0) }
        return
    }
    let next = Atomic<Int>(0)
    func work(_ worker: Int) {
        while true {
            let first = next.wrappingAdd(grain, ordering: .relaxed).oldValue
            guard first < count else { return }
            for task in first..<min(first + grain, count) { body(task, worker) }
        }
    }
    if ThreadPool.shared.run(workers: threads, work) { return }
    // The pool runs another loop. The system's threads, or, in a forked process, where they do not exist, none.
    guard !Fork.isChild else { return work(0) }
    withoutActuallyEscaping(work) { work in
        // The tasks are independent, as required above, and all are finished before this function returns.
        nonisolated(unsafe) let work = work
        DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
    }
}
