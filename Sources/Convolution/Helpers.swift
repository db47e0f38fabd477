import CVectorLoops
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Threads that help with loops, and look out for the next one for a moment before they sleep.
///
/// A network's step is some thousand short loops, and a thread that sleeps takes longer to wake, on a virtual machine
/// above all, than many of them last.
///
/// `@unchecked Sendable`: `threadCount` is touched only by who holds `isTaken`. `body` is written only by who holds it,
/// while `openings` is zero, and read only by helpers that took an opening; whoever wrote it waits for all of these
/// before it lets go of `isTaken`.
final class Helpers: @unchecked Sendable {
    static let shared = Helpers()

    /// How long a thread looks out, in nanoseconds: as long as what lies between two loops, mostly.
    private static let patience = 150_000

    private let isTaken = Atomic<Bool>(false)
    private var threadCount = 0
    private var body: ((_ worker: Int) -> Void)?
    /// How many helpers may still join the loop.
    private let openings = Atomic<Int>(0)
    /// How many of those that joined are done.
    private let doneCount = Atomic<Int>(0)
    private let sleeperCount = Atomic<Int>(0)
    private let alarm = DispatchSemaphore(value: 0)
    /// Whether the one who waits for helpers sleeps.
    private let isAwaited = Atomic<Bool>(false)
    private let completion = DispatchSemaphore(value: 0)

    /// Calls `body` as worker 0 here and as workers 1 ..< `workers` on helpers, as far as these come in time, and waits
    /// for all that did.
    ///
    /// - Returns: False, and nothing is called, while another loop has the helpers: one further up the stack or on
    ///   another thread.
    func run(workers: Int, _ body: (_ worker: Int) -> Void) -> Bool {
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        defer { isTaken.store(false, ordering: .releasing) }
        while threadCount < workers - 1, addThread() {}
        withoutActuallyEscaping(body) { body in
            self.body = body
            doneCount.store(0, ordering: .relaxed)
            openings.store(workers - 1, ordering: .sequentiallyConsistent)
            wake(workers - 1)
            body(0)
            let joinedCount = workers - 1 - openings.exchange(0, ordering: .sequentiallyConsistent)
            awaitHelpers(joinedCount)
            self.body = nil
        }
        return true
    }

    private func wake(_ count: Int) {
        for _ in 0..<count {
            guard Self.decrement(sleeperCount) != nil else { return }
            alarm.signal()
        }
    }

    private func awaitHelpers(_ count: Int) {
        func areDone() -> Bool { doneCount.load(ordering: .sequentiallyConsistent) == count }
        while !Self.lookOut(for: areDone) {
            isAwaited.store(true, ordering: .sequentiallyConsistent)
            if areDone(), isAwaited.exchange(false, ordering: .sequentiallyConsistent) { return }
            completion.wait()
        }
    }

    /// What a helper does all its life.
    private func help() -> Never {
        while true {
            if let opening = Self.decrement(openings) {
                join(as: opening)
                doneCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                if isAwaited.exchange(false, ordering: .sequentiallyConsistent) { completion.signal() }
                continue
            }
            func isWanted() -> Bool { openings.load(ordering: .sequentiallyConsistent) > 0 }
            if Self.lookOut(for: isWanted) { continue }
            sleeperCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
            // Wanted after all: unless somebody has already raised the alarm for this thread, which then ends its sleep.
            if isWanted(), Self.decrement(sleeperCount) != nil { continue }
            alarm.wait()
        }
    }

    /// Not inlined: what it holds of the closure it lets go of before it returns, and so before the loop is over.
    @inline(never) private func join(as worker: Int) { body!(worker) }

    /// Adds a thread unless the system refuses: then there are fewer.
    private func addThread() -> Bool {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        guard pthread_create(&thread, nil, { _ in Helpers.shared.help() }, nil) == 0 else { return false }
        threadCount += 1
        return true
    }

    /// Takes one from a number unless it is zero; answers what the number was.
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

    /// Waits until a condition is met, for as long as patience lasts; answers whether it is.
    private static func lookOut(for isMet: () -> Bool) -> Bool {
        let start = DispatchTime.now().uptimeNanoseconds
        repeat {
            for _ in 0..<64 {
                if isMet() { return true }
                vk_pause()
            }
        } while DispatchTime.now().uptimeNanoseconds - start < patience
        return isMet()
    }
}
