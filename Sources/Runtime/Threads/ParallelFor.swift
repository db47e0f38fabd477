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
    callOnThreads(threads, lending: work)
}

/// A parallel loop that is run many times and allocates only when it is created: a closure that is stored, as a loop's is
/// while threads share it, is allocated.
///
/// One thread at a time runs it.
package final class ReusableLoop {
    private let workers: Int
    private let body: (_ task: Int, _ worker: Int) -> Void
    private let next = Atomic<Int>(0)
    private var count = 0
    private var work: (_ worker: Int) -> Void = { _ in }

    /// A loop that calls `body` for each task on up to `workers` threads, as ``parallelFor(_:nanoseconds:workers:grain:_:)``
    /// does. The threads are there from now on.
    package init(workers: Int, _ body: @escaping (_ task: Int, _ worker: Int) -> Void) {
        self.workers = workers
        self.body = body
        if !HostThreads.areUsed { ThreadPool.shared.prepare(workers: workers) }
        // Only ``run(_:workers:)`` calls it.
        work = { [unowned(unsafe) self] in callBody(as: $0) }
    }

    /// Calls the body once for each task 0 ..< `count` and waits for all. It allocates nothing, except while the pool runs another
    /// loop.
    package func run(_ count: Int) {
        self.count = count
        next.store(0, ordering: .relaxed)
        let threads = min(workers, count)
        if threads > 1 { callOnThreads(threads, work) } else { callBody(as: 0) }
    }

    private func callBody(as worker: Int) {
        let (body, count) = (body, count)
        while true {
            let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard task < count else { return }
            body(task, worker)
        }
    }
}

/// Calls `work` as workers 0 ..< `threads`, or as some of them, worker 0 among them, and waits for all.
private func callOnThreads(_ threads: Int, _ work: @escaping (_ worker: Int) -> Void) {
    if HostThreads.run(workers: threads, work) || ThreadPool.shared.run(workers: threads, work) { return }
    // The pool runs another loop. The system's threads, or, in a forked process, where they do not exist, none.
    guard !Fork.isChild else { return work(0) }
    // The tasks are independent, as required above, and all are finished before this function returns.
    nonisolated(unsafe) let work = work
    DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
}

/// The same with a closure that does not escape. Not inlined: its context, too, would then be allocated.
@inline(never)
private func callOnThreads(_ threads: Int, lending work: (_ worker: Int) -> Void) {
    withoutActuallyEscaping(work) { callOnThreads(threads, $0) }
}
