import CRuntime
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A thread pool whose idle workers spin for ``spinDuration`` and then park.
///
/// A network's step consists of some thousand short loops, and waking a parked thread takes longer than many of them
/// last, on virtual machines above all.
///
/// `@unchecked Sendable`: `threadCount` is accessed only by the holder of `isInUse`. `body` is written only by that
/// holder while `openings` is zero, and read only by workers that took an opening; the holder waits for all of these
/// before it releases `isInUse`.
package final class ThreadPool: @unchecked Sendable {
    /// The pool of the process.
    ///
    /// `nonisolated(unsafe)`: written only in the child of a fork before `fork` returns, when it has one thread.
    nonisolated(unsafe) private(set) static var shared = ThreadPool()

    /// Nanoseconds for which an idle thread spins before it parks: about the serial time between two loops of a
    /// network. Measured in Docs/Decisions/0025 and 0027.
    private static let spinDuration = 150_000

    private let isInUse = Atomic<Bool>(false)
    private var threadCount = 0
    /// Not optional: an optional closure is wrapped in another one, which is allocated.
    private var body: (_ worker: Int) -> Void = { _ in }
    /// How many workers may still join the loop.
    private let openings = Atomic<Int>(0)
    /// How many of those that joined have finished.
    private let finishedCount = Atomic<Int>(0)
    private let parkedCount = Atomic<Int>(0)
    private let wakeUp = DispatchSemaphore(value: 0)
    /// Whether the caller of the loop is parked until its workers have finished.
    private let isCallerParked = Atomic<Bool>(false)
    private let completion = DispatchSemaphore(value: 0)

    private init() { Fork.prepare() }

    /// Gives the child of a fork a pool of its own: the threads of its parent's pool do not exist there.
    static func replaceAfterFork() {
        // Never freed: libdispatch traps when a semaphore dies that threads, of the parent here, wait for.
        _ = Unmanaged.passRetained(shared)
        shared = ThreadPool()
    }

    /// Calls `body` as worker 0 on this thread and as workers 1 ..< `workers` on threads of the pool, as many as are
    /// free in time, and waits for all that joined.
    ///
    /// - Returns: False, without having called anything, if the pool runs another loop: one further up the stack or on
    ///   another thread.
    func run(workers: Int, _ body: @escaping (_ worker: Int) -> Void) -> Bool {
        guard isInUse.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        defer { isInUse.store(false, ordering: .releasing) }
        addThreads(for: workers)
        self.body = body
        finishedCount.store(0, ordering: .relaxed)
        openings.store(workers - 1, ordering: .sequentiallyConsistent)
        wake(workers - 1)
        body(0)
        let joinedCount = workers - 1 - openings.exchange(0, ordering: .sequentiallyConsistent)
        waitForWorkers(joinedCount)
        self.body = { _ in }
        return true
    }

    /// Adds the threads that loops of `workers` need, unless the pool runs a loop, which does so itself.
    func prepare(workers: Int) {
        guard isInUse.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return
        }
        addThreads(for: workers)
        isInUse.store(false, ordering: .releasing)
    }

    private func wake(_ count: Int) {
        for _ in 0..<count {
            guard Self.decrement(parkedCount) != nil else { return }
            wakeUp.signal()
        }
    }

    private func waitForWorkers(_ count: Int) {
        func haveFinished() -> Bool { finishedCount.load(ordering: .sequentiallyConsistent) == count }
        while !Self.spin(until: haveFinished) {
            isCallerParked.store(true, ordering: .sequentiallyConsistent)
            if haveFinished(), isCallerParked.exchange(false, ordering: .sequentiallyConsistent) { return }
            completion.wait()
        }
    }

    /// The life of a worker: join a loop, or spin, or park.
    private func work() -> Never {
        runtime_take_process_affinity()
        while true {
            if let opening = Self.decrement(openings) {
                join(as: opening)
                finishedCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                if isCallerParked.exchange(false, ordering: .sequentiallyConsistent) { completion.signal() }
                continue
            }
            func hasOpening() -> Bool { openings.load(ordering: .sequentiallyConsistent) > 0 }
            if Self.spin(until: hasOpening) { continue }
            parkedCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
            // An opening came in between: join, unless a wake-up is already under way for this thread.
            if hasOpening(), Self.decrement(parkedCount) != nil { continue }
            wakeUp.wait()
        }
    }

    /// Not inlined: the reference to the closure is released before the worker counts as finished.
    @inline(never) private func join(as worker: Int) { body(worker) }

    /// Adds the threads that loops of `workers` lack.
    private func addThreads(for workers: Int) {
        while threadCount < workers - 1, addThread() {}
    }

    /// Adds a thread; returns false if the system refuses, and the pool stays smaller.
    private func addThread() -> Bool {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let pool = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { pool in
                #if canImport(Darwin)
                Unmanaged<ThreadPool>.fromOpaque(pool).takeRetainedValue().work()
                #else
                Unmanaged<ThreadPool>.fromOpaque(pool!).takeRetainedValue().work()
                #endif
            }, pool.toOpaque())
        guard status == 0 else {
            pool.release()
            return false
        }
        threadCount += 1
        return true
    }

    /// Decrements a number unless it is zero; returns what it was.
    private static func decrement(_ number: borrowing Atomic<Int>) -> Int? {
        var value = number.load(ordering: .sequentiallyConsistent)
        while value > 0 {
            let (exchanged, found) = number.compareExchange(
                expected: value, desired: value - 1, ordering: .sequentiallyConsistent)
            if exchanged { return value }
            value = found
        }
        return nil
    }

    /// Spins until a condition holds, for ``spinDuration`` at most; returns whether it holds.
    private static func spin(until isMet: () -> Bool) -> Bool {
        let start = DispatchTime.now().uptimeNanoseconds
        repeat {
            for _ in 0..<64 {
                if isMet() { return true }
                runtime_pause()
            }
        } while DispatchTime.now().uptimeNanoseconds - start < spinDuration
        return isMet()
    }
}
