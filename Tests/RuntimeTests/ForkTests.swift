import Convolution
import Foundation
import TestSupport
import Testing

@testable import Runtime

#if os(Linux)
/// A forked process computes, whatever the threads of its parent were doing. (Servers and data loaders of other
/// runtimes fork.)
@Suite struct ForkTests {
    /// A convolution that uses the thread pool, the memory pool and the plan cache.
    static func output(length: Int) throws -> [Float] {
        let convolution = try LongConvolution<Float>(length: length, kernelLength: length, boundary: .causal)
        let signal = (0..<64 * length).map { Float($0 % 17) }
        let kernel = (0..<length).map { Float($0 % 5) }
        var output = [Float](repeating: .nan, count: signal.count)
        try convolution.apply(signal, kernel: kernel, .shared(batch: 64, channels: 1), into: &output)
        return output
    }

    /// Forks, has the child compute, and returns its exit status: 0 if its results are the expected ones. A child that
    /// hangs is killed by its alarm.
    static func statusOfChild(_ expected: [[Float]], lengths: [Int]) throws -> Int32 {
        typealias Fork = @convention(c) () -> pid_t
        let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
        let child = fork()
        if child == 0 {
            alarm(60)
            let isRight = (try? lengths.map { try output(length: $0) } == expected) ?? false
            _exit(isRight ? 0 : 1)
        }
        try #require(child > 0)
        var status: Int32 = -1
        #expect(waitpid(child, &status, 0) == child)
        return status
    }

    @Test func idle() async {
        await #expect(processExitsWith: .success) {
            Threads.count = 3
            let lengths = [300, 1000]
            let expected = try lengths.map { try Self.output(length: $0) }
            for _ in 0..<5 { #expect(try Self.statusOfChild(expected, lengths: lengths) == 0) }
        }
    }

    /// Other threads are in the middle of loops, plans, allocations and cache look-ups at the moment of the fork.
    @Test func whileOtherThreadsCompute() async {
        await #expect(processExitsWith: .success) {
            Threads.count = 3
            let lengths = [300, 1000]
            let expected = try lengths.map { try Self.output(length: $0) }
            let isOver = LockedValue(false)
            let workers = (0..<3).map { worker in
                Thread {
                    var length = 100
                    while !isOver.withLock({ $0 }) {
                        // Some from the cache, some planned anew.
                        _ = try? Self.output(length: length)
                        length = 100 + (length + worker + 1) % 211
                    }
                }
            }
            for worker in workers { worker.start() }
            for round in 0..<25 {
                #expect(try Self.statusOfChild(expected, lengths: lengths) == 0, "fork \(round)")
            }
            isOver.withLock { $0 = true }
        }
    }
}
#endif
