import Synchronization

/// The threads of a host program, on which loops run in place of those of ``ThreadPool``.
///
/// A host's loops and ours alternate, and idle threads of both pools spin for the next loop: on the same processors each pool
/// takes from the other what it spins. On one pool, the threads that have just finished a loop of the host are those that
/// join ours.
package enum HostThreads {
    /// Calls `function` with `argument` on the calling thread and on other threads at once, `threads` of them at most, and
    /// returns when all calls have; the form of libgomp's `GOMP_parallel`, whose flags are 0 here.
    package typealias Parallel =
        @convention(c) (
            _ function: (@convention(c) (_ argument: UnsafeMutableRawPointer?) -> Void)?,
            _ argument: UnsafeMutableRawPointer?, _ threads: UInt32, _ flags: UInt32
        ) -> Void

    /// The address of the host's function; 0 for none.
    private static let address = Atomic<UInt>(0)
    /// The number of threads in every loop. It is the same for all: a change costs some implementations of OpenMP new threads.
    private static let teamSize = Atomic<Int>(1)

    /// From now on loops run on the host's threads, on teams of `count`; with `nil`, on those of the pool.
    package static func use(_ parallel: Parallel?, count: Int) {
        // A forked child goes back to the pool: it has none of the host's threads.
        Fork.prepare()
        if let parallel {
            teamSize.store(count, ordering: .relaxed)
            address.store(unsafeBitCast(parallel, to: UInt.self), ordering: .releasing)
        } else {
            // A loop that begins now on another thread may still use the host's function, with the team's size.
            address.store(0, ordering: .releasing)
        }
    }

    /// The host's function; `nil` where loops run on the pool.
    private static var function: UnsafeRawPointer? {
        Fork.isChild ? nil : UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring))
    }

    /// Whether loops run on the host's threads.
    static var areUsed: Bool { function != nil }

    /// Calls `work` as workers 0 ..< `workers`, or as some of them, worker 0 among them, and waits for all.
    ///
    /// - Returns: False, without having called anything, if no host lends its threads.
    static func run(workers: Int, _ work: @escaping (_ worker: Int) -> Void) -> Bool {
        guard let function else { return false }
        let loop = Loop(work: work, workers: workers)
        withUnsafePointer(to: loop) { loop in
            unsafeBitCast(function, to: Parallel.self)(
                { $0!.assumingMemoryBound(to: Loop.self).pointee.join() },
                UnsafeMutableRawPointer(mutating: loop), UInt32(teamSize.load(ordering: .relaxed)), 0)
            // Had the host called nobody, nothing would be done.
            loop.pointee.join()
        }
        return true
    }

    /// A loop that threads join.
    private struct Loop: ~Copyable {
        let work: (_ worker: Int) -> Void
        let workers: Int
        private let joinedCount = Atomic<Int>(0)

        init(work: @escaping (_ worker: Int) -> Void, workers: Int) {
            self.work = work
            self.workers = workers
        }

        /// Each thread that joins is a worker of its own; those beyond the last worker return.
        func join() {
            let worker = joinedCount.wrappingAdd(1, ordering: .relaxed).oldValue
            if worker < workers { work(worker) }
        }
    }
}
