/// A node of the differentiation graph: an operation's pullback, and the nodes of its operands.
///
/// Nodes are immutable as long as they are referenced, so the graph is shared between tasks without a lock.
final class Node: Sendable {
    /// A ``Pullback`` of several results; `nil` for a result that was not used.
    typealias JointPullback = @Sendable (_ cotangents: [Tensor?]) -> [Tensor?]

    // `nonisolated(unsafe)`: both variables are mutated in `deinit` alone, when there is no other reference to the
    // node.

    /// The operands, `nil` for a constant.
    nonisolated(unsafe) private(set) var parents: [NodeResult?]
    let resultShapes: [[Int]]
    /// The partitions of results that have one; empty where none has.
    private let resultPartitions: [BatchPartition?]
    /// `nil` for a leaf.
    nonisolated(unsafe) private(set) var pullback: JointPullback?

    /// A leaf: a parameter, or what a ``Module/segment(_:recomputes:_:)`` depends on.
    init(shapes: [[Int]]) {
        parents = []
        resultShapes = shapes
        resultPartitions = []
        pullback = nil
    }

    init(
        parents: [NodeResult?], resultShapes: [[Int]], resultPartitions: [BatchPartition?] = [],
        pullback: @escaping JointPullback
    ) {
        self.parents = parents
        self.resultShapes = resultShapes
        self.resultPartitions = resultPartitions
        self.pullback = pullback
    }

    /// A cotangent of a result, distributed as that is.
    func distributed(_ cotangent: Tensor, ofResult index: Int) -> Tensor {
        resultPartitions.isEmpty ? cotangent : cotangent.distributed(in: resultPartitions[index])
    }

    deinit {
        guard pullback != nil else { return }
        DeferredRelease.shared.release(&parents, &pullback)
    }
}

/// One of the results of a node.
struct NodeResult: Sendable {
    let node: Node
    let index: Int
}
