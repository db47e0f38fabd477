import Convolution
import Foundation
import Testing

@testable import Runtime

/// The number of threads follows the affinity and the environment, and scopes have their own. Each in a process of its
/// own, as the number at first is taken once.
struct ThreadCountTests {
    #if os(Linux)
    @Test func affinity() async {
        await #expect(processExitsWith: .success) {
            typealias SetAffinity = @convention(c) (Int32, Int, UnsafeRawPointer) -> Int32
            let symbol = try #require(dlsym(nil, "sched_setaffinity"))
            let setAffinity = unsafeBitCast(symbol, to: SetAffinity.self)
            // The first processor that this process may run on.
            let isPinned = (0..<1024).contains { processor in
                var mask = [UInt8](repeating: 0, count: 128)
                mask[processor / 8] = 1 << (processor % 8)
                return setAffinity(0, mask.count, mask) == 0
            }
            try #require(isPinned)
            #expect(ProcessorLimit().processorCount == 1)
            #expect(Threads.count == 1)
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
