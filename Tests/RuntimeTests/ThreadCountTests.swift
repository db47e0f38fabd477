import Convolution
import Foundation
import Testing

@testable import Runtime

/// The number of threads follows the affinity and the environment, and scopes have their own. Each in a process of its
/// own, as the number at first is taken once.
struct ThreadCountTests {
    #if os(Linux)
    @Test func affinityOfAllThreads() async {
        await #expect(processExitsWith: .success) {
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            for thread in threads { try pin(thread: try #require(Int32(thread))) }
            #expect(ProcessorLimit().processorCount == 1)
            #expect(Threads.count == 1)
        }
    }

    /// As OpenMP binds the thread that loads it: the others count, and the pool's threads run on their processors too: there must
    /// be two at least.
    @Test(.enabled(if: ProcessorLimit().processorCount > 1)) func affinityOfThisThread() async {
        await #expect(processExitsWith: .success) {
            let all = ProcessorLimit().processorCount
            try pin(thread: 0)
            #expect(Threads.count == all)
            let inPool = LockedValue(0)
            let hasRun = ThreadPool.shared.run(workers: 2) { worker in
                if worker == 1 { return inPool.withLock { $0 = affinityCount() } }
                let start = ContinuousClock.now
                while inPool.withLock({ $0 }) == 0, .now - start < .seconds(20) {}
            }
            #expect(hasRun && inPool.withLock { $0 } == all)
            #expect(affinityCount() == 1)
        }
    }
    #endif

    @Test func environmentVariable() async {
        await #expect(processExitsWith: .success) {
            setenv("LONGCONV_NUM_THREADS", "7", 1)
            #expect(Threads.count == 7)
            Threads.count = 3
            #expect(Threads.count == 3)
        }
    }

    @Test func environmentVariableThatIsNoNumber() async {
        for text in ["0", "-1", "two", "4097", "99999999999999999999"] {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                [text = text as String] in
                setenv("LONGCONV_NUM_THREADS", text, 1)
                #expect(Threads.count == ProcessorLimit().processorCount)
            }
            let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(output.contains("expected a number from 1 to 4096, found \"\(text)\""))
        }
    }

    @Test func scopes() async {
        let outside = Threads.count
        let inside = Threads.withCount(outside + 5) {
            [Threads.count, Threads.withCount(1) { Threads.count }, Threads.count]
        }
        #expect(inside == [outside + 5, 1, outside + 5])
        #expect(Threads.count == outside)
        // Another task keeps its number.
        let other = await Threads.withCount(outside + 5) { Task.detached { Threads.count } }.value
        #expect(other == outside)
    }
}

#if os(Linux)
/// Pins a thread, or the calling one for 0, to the first processor on which it may run.
private func pin(thread: Int32) throws {
    typealias SetAffinity = @convention(c) (Int32, Int, UnsafeRawPointer) -> Int32
    let setAffinity = unsafeBitCast(try #require(dlsym(nil, "sched_setaffinity")), to: SetAffinity.self)
    let isPinned = (0..<1024).contains { processor in
        var mask = [UInt8](repeating: 0, count: 128)
        mask[processor / 8] = 1 << (processor % 8)
        return setAffinity(thread, mask.count, mask) == 0
    }
    try #require(isPinned)
}

/// The number of processors on which the calling thread may run.
private func affinityCount() -> Int {
    typealias GetAffinity = @convention(c) (Int32, Int, UnsafeMutableRawPointer) -> Int32
    guard let symbol = dlsym(nil, "sched_getaffinity") else { return -1 }
    var mask = [UInt8](repeating: 0, count: 128)
    guard unsafeBitCast(symbol, to: GetAffinity.self)(0, mask.count, &mask) >= 0 else { return -1 }
    return mask.reduce(0) { $0 + $1.nonzeroBitCount }
}
#endif
