import Convolution
import Foundation
import Runtime

/// Takes the cotangent of a result to the cotangents of its operands, `nil` where none is wanted.
///
/// A cotangent that repeats along an axis may have the extent 1 there.
public typealias Pullback = @Sendable (_ cotangent: Tensor) -> [Tensor?]

/// A step of a computation that is to be differentiated: what it was computed from, and its pullback.
///
/// Nodes never change while anyone holds them, so the graph crosses tasks without a lock.
final class Node: Sendable {
    /// Takes the cotangents of the results, `nil` for one that was not used, to those of the operands.
    typealias JointPullback = @Sendable (_ cotangents: [Tensor?]) -> [Tensor?]

    // `nonisolated(unsafe)`: both variables are changed in `deinit` alone, where nobody else can hold the node.

    /// Where the operands come from, `nil` for a constant.
    nonisolated(unsafe) private(set) var parents: [Place?]
    let resultShapes: [[Int]]
    /// `nil` for a leaf: a parameter.
    nonisolated(unsafe) private(set) var pullback: JointPullback?

    /// A leaf.
    init(shape: [Int]) {
        parents = []
        resultShapes = [shape]
        pullback = nil
    }

    init(parents: [Place?], resultShapes: [[Int]], pullback: @escaping JointPullback) {
        self.parents = parents
        self.resultShapes = resultShapes
        self.pullback = pullback
    }

    deinit {
        guard pullback != nil else { return }
        DeferredRelease.shared.release(&parents, &pullback)
    }
}

/// Lets go of what nodes held, one node after the other.
///
/// A node holds its parents, directly and through the tensors that its pullback keeps. Left to itself, the release
/// of a long chain of operations would recurse once for each and overflow the stack.
private final class DeferredRelease: Sendable {
    static let shared = DeferredRelease()

    private struct Held {
        let parents: [Place?]
        let pullback: Node.JointPullback?
    }

    /// What waits on each thread on which a release is under way: no thread's memory waits for another thread.
    private let waiting = LockedValue<[pthread_t: [Held]]>([:], isHeldAcrossForks: true)

    /// Takes both, and releases them now or, where a release is under way further up this thread's stack, after it.
    /// They are taken in place: no variable may hold them while others are released.
    func release(_ parents: inout [Place?], _ pullback: inout Node.JointPullback?) {
        let isFirst = waiting.withLock { waiting in
            let thread = pthread_self()
            let isFirst = waiting[thread] == nil
            waiting[thread, default: []].append(
                Held(parents: exchange(&parents, with: []), pullback: pullback.take()))
            return isFirst
        }
        if isFirst { while next() != nil {} }
    }

    /// The last of those that wait on this thread, to be dropped outside the lock.
    private func next() -> Held? {
        waiting.withLock { waiting in
            let thread = pthread_self()
            let held = waiting[thread]?.popLast()
            if held == nil { waiting[thread] = nil }
            return held
        }
    }
}

/// One of the results of a node.
struct Place: Sendable {
    let node: Node
    let result: Int
}

extension Tensor {
    /// This result of an operation on `operands`, with the operation's pullback on record.
    ///
    /// Nothing is recorded when every operand is a constant. The pullback answers one cotangent for each operand, of
    /// that operand's shape or with extent 1 along axes that it repeats along, and should answer `nil` for one whose
    /// ``isRecorded`` is false.
    public func recorded(from operands: Tensor..., pullback: @escaping Pullback) -> Tensor {
        [self].recorded(from: operands) { cotangents in pullback(cotangents[0]!) }[0]
    }
}

extension [Tensor] {
    /// These results of one operation on `operands`, with the operation's pullback on record.
    ///
    /// The pullback receives one cotangent for each result, `nil` for a result that the loss does not depend on
    /// (never for all of them), and answers one for each operand, as in ``Tensor/recorded(from:pullback:)``.
    public func recorded(
        from operands: [Tensor], pullback: @escaping @Sendable (_ cotangents: [Tensor?]) -> [Tensor?]
    ) -> [Tensor] {
        guard operands.contains(where: \.isRecorded) else { return self }
        let node = Node(parents: operands.map(\.place), resultShapes: map(\.shape), pullback: pullback)
        return enumerated().map { $1.placed(at: Place(node: node, result: $0)) }
    }
}
