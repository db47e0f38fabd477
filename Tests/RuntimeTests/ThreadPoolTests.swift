import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Runtime

/// Loops that are spread over threads: every task once, no two of a worker at the same time.
struct ThreadPoolTests {
    /// What a loop must hold to, watched from its tasks.
    final class Watch: Sendable {
        private let runs: LockedValue<[Int]>
        private let busy: LockedValue<Set<Int>>
        private let violations = Atomic<Int>(0)

        init(tasks: Int) {
            runs = LockedValue(Array(repeating: 0, count: tasks))
            busy = LockedValue([])
        }

        func task(_ task: Int, worker: Int, below workers: Int, _ work: () -> Void = {}) {
            let isAlone = busy.withLock { $0.insert(worker).inserted }
            if !isAlone || worker >= workers { violations.add(1, ordering: .relaxed) }
            work()
            runs.withLock { $0[task] += 1 }
            busy.withLock { _ = $0.remove(worker) }
        }

        func expectRuns(_ count: Int) {
            #expect(runs.withLock { $0.allSatisfy { $0 == count } })
            #expect(violations.load(ordering: .relaxed) == 0)
        }
    }

    /// Short loops in quick succession: workers still spin.
    @Test(arguments: [2, 3, 9]) func quickSuccession(workers: Int) {
        let watch = Watch(tasks: 50)
        for _ in 0..<2000 {
            parallelFor(50, workers: workers) { watch.task($0, worker: $1, below: workers) }
        }
        watch.expectRuns(2000)
    }

    /// Long tasks with pauses between the loops: workers park, and so does the caller that waits for them.
    @Test(arguments: [2, 5]) func parkedWorkers(workers: Int) {
        let watch = Watch(tasks: 7)
        for round in 0..<100 {
            parallelFor(7, workers: workers) { task, worker in
                watch.task(task, worker: worker, below: workers) {
                    if (task + round) % 3 == 0 { usleep(300) }
                }
            }
            if round % 2 == 0 { usleep(200) }
        }
        watch.expectRuns(100)
    }

    /// Loops that are created once, and run in one another: the outer one has the pool.
    @Test func reusedLoops() {
        let outer = Watch(tasks: 8), inner = (0..<8).map { _ in Watch(tasks: 5) }
        let innerLoops = inner.map { watch in
            ReusableLoop(workers: 2) { watch.task($0, worker: $1, below: 2) }
        }
        let loops = [1, 2, 4].map { workers in
            ReusableLoop(workers: workers) { task, worker in
                outer.task(task, worker: worker, below: workers) { innerLoops[task].run(5) }
            }
        }
        for _ in 0..<200 {
            for loop in loops { loop.run(8) }
            loops[1].run(0)
        }
        for watch in inner + [outer] { watch.expectRuns(600) }
    }

    /// A loop that is created once has its threads from then on.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/task"))) func threadsOfLoop() async
    {
        await #expect(processExitsWith: .success) {
            func threads() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
            }
            let before = try threads()
            let loop = ReusableLoop(workers: 3) { _, _ in }
            // What runs the tests may have ended or begun a thread of its own meanwhile.
            let made = try threads() - before
            for _ in 0..<10 { loop.run(3) }
            let inAll = try threads()
            #expect(made >= 1 && inAll <= before + made + 1)
        }
    }

    /// Loops of several threads at once, and loops in loops: one of them has the pool.
    @Test func sideBySideAndNested() {
        let watches = (0..<6).map { _ in (outer: Watch(tasks: 8), inner: (0..<8).map { _ in Watch(tasks: 5) })
        }
        DispatchQueue.concurrentPerform(iterations: watches.count) { index in
            let (outer, inner) = watches[index]
            for _ in 0..<100 {
                parallelFor(8, workers: 3) { task, worker in
                    outer.task(task, worker: worker, below: 3) {
                        parallelFor(5, workers: 2) { inner[task].task($0, worker: $1, below: 2) }
                    }
                }
            }
        }
        for (outer, inner) in watches {
            outer.expectRuns(100)
            for watch in inner { watch.expectRuns(100) }
        }
    }
}
