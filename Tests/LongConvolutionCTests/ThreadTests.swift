import CLongConvolution
import Convolution
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LongConvolutionC

/// Many threads at once.
@Suite struct ThreadTests {
    /// Threads that make, use and destroy plans and spectra of their own and share one plan; each gets the values of one thread
    /// alone, and reads the messages of its own failures.
    @Test func manyThreads() throws {
        var generator = SplitMix64.announced(seed: 0x7D)
        let shapes = [
            Case(flags: 7, signal: [300], kernel: [300]),
            Case(boundary: LONGCONV_FULL, signal: [20, 30], kernel: [9, 8]),
            Case(flags: 8, lag: 1, signal: [64], kernel: [64]),
        ]
        let calls = try shapes.map { try Call<Double>($0, using: &generator) }
        let expected = try calls.map { call in
            try call.apply()
            return call.memory[.output]!.scalars
        }
        let seeds = (0..<16).map { _ in generator.next() }
        let failures = Failures()
        nonisolated(unsafe) let shared = calls
        DispatchQueue.concurrentPerform(iterations: seeds.count) { thread in
            do {
                for round in 0..<40 {
                    let number = (thread + round) % shapes.count
                    let (call, values) = (shared[number], expected[number])
                    let output = StridedMemory<Double>(counts: shapes[number].counts(.output), strides: nil)
                    var operands = call.operands(shapes[number].inputs)
                    operands.output = UnsafeMutableRawPointer(output.pointer)
                    operands.threads = Int32(round % 3)
                    let own = try Plan(shapes[number])
                    let plan = round.isMultiple(of: 2) ? call.plan.handle : own.handle
                    try succeed(longconv_apply(plan, &operands), "apply")
                    if output.scalars != values {
                        failures.add("thread \(thread), round \(round): other values")
                    }
                    operands.threads = -1 - Int32(thread)
                    if longconv_apply(plan, &operands) != LONGCONV_INVALID_ARGUMENT
                        || !String(cString: longconv_last_error()).hasSuffix("got \(-1 - thread)")
                    {
                        failures.add("thread \(thread): \(String(cString: longconv_last_error()))")
                    }
                }
            } catch { failures.add("\(error)") }
        }
        #expect(failures.texts == [])
    }

    private static let hostCallCount = Atomic<Int>(0)

    /// A host program with threads of the system.
    private static let host: longconv_parallel = { function, argument, threads, _ in
        ThreadTests.hostCallCount.add(1, ordering: .relaxed)
        nonisolated(unsafe) let argument = argument
        DispatchQueue.concurrentPerform(iterations: Int(threads)) { _ in function!(argument) }
    }

    /// On the threads of a host program: the same bits.
    @Test func hostThreads() async {
        // What holds for the process is set in one of its own.
        await #expect(processExitsWith: .success) {
            var generator = SplitMix64.announced(seed: 0x7F)
            var call = try Call<Double>(
                Case(batch: 8, channels: 4, signal: [3000], kernel: [3000]), using: &generator)
            call.threads = 3
            func results() throws -> [Operand: [Double]] {
                for memory in call.memory.filter({ $0.key.isWritten }).values {
                    memory.write([Double](repeating: .nan, count: memory.counts.reduce(1, *)))
                }
                try call.apply()
                try call.gradients()
                return call.results
            }
            let expected = try results()
            for team: Int32 in [1, 2, 5] {
                try succeed(longconv_set_parallel(Self.host, team), "team of \(team)")
                let before = Self.hostCallCount.load(ordering: .relaxed)
                #expect(try results() == expected)
                #expect(Self.hostCallCount.load(ordering: .relaxed) > before)
            }
        }
    }

    /// A plan that is destroyed while others use it: each call succeeds or says that the handle is gone.
    @Test func destroyedInUse() throws {
        var generator = SplitMix64.announced(seed: 0x7E)
        let call = try Call<Float>(
            Case(isSinglePrecision: true, signal: [200], kernel: [200]), using: &generator)
        let failures = Failures()
        for _ in 0..<50 {
            var descriptor = call.shape.descriptor
            var handle: OpaquePointer?
            try succeed(longconv_plan_create(&descriptor, &handle), "create")
            nonisolated(unsafe) let plan = handle
            nonisolated(unsafe) let shared = call
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                if thread == 3 {
                    if longconv_plan_destroy(plan) != LONGCONV_OK { failures.add("not destroyed") }
                    return
                }
                let output = StridedMemory<Float>(counts: shared.shape.counts(.output), strides: nil)
                var operands = shared.operands([.signal, .kernel])
                operands.output = UnsafeMutableRawPointer(output.pointer)
                let status = longconv_apply(plan, &operands)
                if status != LONGCONV_OK, status != LONGCONV_INVALID_HANDLE { failures.add("\(status)") }
            }
        }
        #expect(failures.texts == [])
    }
}

/// What went wrong on any thread.
///
/// `@unchecked Sendable`: the texts are accessed only while the lock is held.
private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: [String] = []

    func add(_ text: String) { lock.withLock { stored.append(text) } }
    var texts: [String] { lock.withLock { stored } }
}
