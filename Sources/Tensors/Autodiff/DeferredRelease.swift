import Foundation
import Runtime

/// Releases the graph iteratively.
///
/// A node refers to its parents, directly and through the tensors that its pullback captures. Without this class, the
/// release of a long chain of operations would recurse once for each and overflow the stack.
final class DeferredRelease: Sendable {
    static let shared = DeferredRelease()

    private struct Contents {
        let parents: [NodeResult?]
        let pullback: Node.JointPullback?
    }

    /// The contents of nodes to release on each thread that is releasing: no thread's memory waits for another thread.
    private let pending = LockedValue<[pthread_t: [Contents]]>([:], isHeldAcrossForks: true)

    /// Releases both, now or, if a release is in progress further up this thread's stack, after it. They are moved out
    /// of the node, as no variable may hold them while others are released.
    func release(_ parents: inout [NodeResult?], _ pullback: inout Node.JointPullback?) {
        let isFirst = pending.withLock { pending in
            let thread = pthread_self()
            let isFirst = pending[thread] == nil
            pending[thread, default: []].append(
                Contents(parents: exchange(&parents, with: []), pullback: pullback.take()))
            return isFirst
        }
        if isFirst { while next() != nil {} }
    }

    /// The contents that were added last on this thread, to be released outside the lock.
    private func next() -> Contents? {
        pending.withLock { pending in
            let thread = pthread_self()
            let held = pending[thread]?.popLast()
            if held == nil { pending[thread] = nil }
            return held
        }
    }
}
