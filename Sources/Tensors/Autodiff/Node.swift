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
    /// `nil` for a leaf.
    nonisolated(unsafe) private(set) var pullback: JointPullback?

    /// A leaf: a parameter, or what a ``Module/segment(_:recomputes:_:)`` depends on.
    init(shapes: [[Int]]) {
        parents = []
        resultShapes = shapes
        pullback = nil
    }

    init(parents: [NodeResult?], resultShapes: [[Int]], pullback: @escaping JointPullback) {
        self.parents = parents
        self.resultShapes = resultShapes
        self.pullback = pullback
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
