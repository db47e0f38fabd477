import Dispatch
import Synchronization
import Testing

@testable import Runtime

/// Loops on the threads of a host program: every task once, whatever the host's teams.
struct HostThreadsTests {
    /// How often the host of the tests was called.
    private static let callCount = Atomic<Int>(0)

    /// A host with threads of the system.
    private static let host: HostThreads.Parallel = { function, argument, threads, _ in
        HostThreadsTests.callCount.add(1, ordering: .relaxed)
        nonisolated(unsafe) let argument = argument
        DispatchQueue.concurrentPerform(iterations: Int(threads)) { _ in function!(argument) }
    }

    /// Teams as large as the loop's, larger and smaller.
    @Test func teams() async {
        await #expect(processExitsWith: .success) {
            for count in [1, 2, 3, 8] {
                HostThreads.use(Self.host, count: count)
                let before = Self.callCount.load(ordering: .relaxed)
                for workers in [2, 3, 5] {
                    let watch = ThreadPoolTests.Watch(tasks: 20)
                    for _ in 0..<200 {
                        parallelFor(20, workers: workers) { watch.task($0, worker: $1, below: workers) }
                    }
                    watch.expectRuns(200)
                }
                #expect(Self.callCount.load(ordering: .relaxed) == before + 600)
            }
        }
    }

    /// A loop in a loop is the host's too; one that is created once does not know whose threads run it.
    @Test func nestedAndReused() async {
        await #expect(processExitsWith: .success) {
            HostThreads.use(Self.host, count: 3)
            let outer = ThreadPoolTests.Watch(tasks: 8),
                inner = (0..<8).map { _ in ThreadPoolTests.Watch(tasks: 5) }
            let loop = ReusableLoop(workers: 3) { task, worker in
                outer.task(task, worker: worker, below: 3) {
                    parallelFor(5, workers: 2) { inner[task].task($0, worker: $1, below: 2) }
                }
            }
            for _ in 0..<100 { loop.run(8) }
            for watch in inner + [outer] { watch.expectRuns(100) }
        }
    }

    /// A host that calls nobody: the calling thread does all of it.
    @Test func idleHost() async {
        await #expect(processExitsWith: .success) {
            HostThreads.use({ _, _, _, _ in }, count: 4)
            let watch = ThreadPoolTests.Watch(tasks: 9)
            parallelFor(9, workers: 4) { watch.task($0, worker: $1, below: 1) }
            watch.expectRuns(1)
        }
    }

    /// Without a host, the pool's threads again.
    @Test func backToThePool() async {
        await #expect(processExitsWith: .success) {
            HostThreads.use(Self.host, count: 2)
            HostThreads.use(nil, count: 0)
            let watch = ThreadPoolTests.Watch(tasks: 9)
            parallelFor(9, workers: 4) { watch.task($0, worker: $1, below: 4) }
            watch.expectRuns(1)
            #expect(Self.callCount.load(ordering: .relaxed) == 0)
        }
    }

    #if os(Linux)
    /// The threads of the host do not exist in a forked child.
    @Test func forkedChild() async {
        await #expect(processExitsWith: .success) {
            let expected = [try ForkTests.output(length: 300)]
            HostThreads.use({ _, _, _, _ in fatalError("called") }, count: 4)
            for _ in 0..<3 { #expect(try ForkTests.statusOfChild(expected, lengths: [300]) == 0) }
        }
    }
    #endif
}
