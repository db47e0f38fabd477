import Runtime

/// The gradient of a loss with respect to the parameters of a module, by name.
public struct Gradient: Sendable {
    /// The gradient of each parameter, of the parameter's shape.
    public internal(set) var components: [String: Tensor]
    /// The parameters that the loss does not depend on, in the module's order; their gradients are zero.
    public let unused: [String]

    /// The gradient of the named parameter, which must be one of the module's.
    public subscript(name: String) -> Tensor {
        guard let component = components[name] else {
            fatalError("expected the name of a parameter, got '\(name)'")
        }
        return component
    }
}

/// The loss at `model` and its gradient.
///
/// `loss` receives the model with recorded parameters and must return a tensor of one scalar. The gradient is computed
/// by reverse-mode differentiation: one traversal of the operations in reverse order, which releases each cotangent as
/// soon as it is used.
///
/// - Complexity: The backward pass takes two to three times as long as the forward pass.
public func valueAndGradient<Model: Module>(
    at model: Model, _ loss: (Model) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Gradient) {
    let (value, gradient, _) = try valueAndGradient(at: model) { (try loss($0), ()) }
    return (value, gradient)
}

/// The loss at `model`, its gradient, and anything else the closure returns (logits, statistics).
///
/// Tensors in the detail should be ``Tensor/detached``: a recorded one retains everything it was computed from.
public func valueAndGradient<Model: Module, Detail>(
    at model: Model, _ loss: (Model) throws -> (Tensor, Detail)
) rethrows -> (value: Tensor, gradient: Gradient, detail: Detail) {
    var recorded = model
    var leaves: [(name: String, node: Node, shape: [Int])] = []
    var names: Set<String> = []
    recorded.forEachParameter { name, parameter in
        require(
            names.insert(name).inserted, "expected parameters of different names, got '\(name)' twice")
        let leaf = Node(shapes: [parameter.shape])
        leaves.append((name, leaf, parameter.shape))
        parameter = parameter.recorded(as: NodeResult(node: leaf, index: 0))
    }
    var (value, detail) = try loss(recorded)
    require(value.count == 1, "expected a loss of one scalar, got the shape \(value.shape)")

    // From here on only the traversal refers to the graph, so that it can release nodes.
    var root = value.source?.node
    let index = value.source?.index ?? 0
    value = value.detached
    let cotangents = cotangentsOfLeaves(
        from: &root, (root?.resultShapes ?? []).indices.map { $0 == index ? value.ones : nil })
    var components: [String: Tensor] = [:]
    var unused: [String] = []
    for (name, node, shape) in leaves {
        if let cotangent = cotangents[ObjectIdentifier(node)]?[0] {
            require(
                cotangent.shape == shape,
                "expected a gradient of shape \(shape) for '\(name)', got \(cotangent.shape)")
            components[name] = cotangent
        } else {
            components[name] = Tensor(shape: shape, repeating: 0)
            unused.append(name)
        }
    }
    return (value, Gradient(components: components, unused: unused), detail)
}

/// The cotangents of the leaves, one for each of a leaf's results, by a traversal from `root`, whose results have the given
/// cotangents and which is consumed: every node after all that use it. A node and what its pullback captured are released as soon
/// as it has been visited, unless referenced elsewhere.
func cotangentsOfLeaves(from root: inout Node?, _ ofRoot: [Tensor?]) -> [ObjectIdentifier: [Tensor?]] {
    guard let start = root.take() else { return [:] }
    var cotangents: [ObjectIdentifier: [CotangentSum]] = [:]
    func add(_ contribution: Tensor, to result: NodeResult) {
        cotangents[
            ObjectIdentifier(result.node), default: result.node.resultShapes.map(CotangentSum.init)
        ][result.index].add(contribution)
    }

    for (index, cotangent) in ofRoot.enumerated() {
        if let cotangent { add(cotangent, to: NodeResult(node: start, index: index)) }
    }
    var order = nodesInPostorder(from: start)
    _ = consume start
    var leaves: [ObjectIdentifier: [Tensor?]] = [:]
    while let node = order.popLast() {
        guard var sums = cotangents.removeValue(forKey: ObjectIdentifier(node)) else { continue }
        let results = sums.indices.map { index in
            sums[index].total().map { node.distributed($0, ofResult: index) }
        }
        guard let pullback = node.pullback else {
            leaves[ObjectIdentifier(node)] = results
            continue
        }
        let contributions = pullback(results)
        require(
            contributions.count == node.parents.count,
            "expected a cotangent for each of \(node.parents.count) operands, got \(contributions.count)")
        for case (let parent?, let contribution?) in zip(node.parents, contributions) {
            add(contribution, to: parent)
        }
    }
    return leaves
}

/// The nodes that `root` depends on, and `root`, in postorder: each after its parents. Iterative, as a graph may be
/// deeper than the stack.
private func nodesInPostorder(from root: Node) -> [Node] {
    var order: [Node] = []
    var visited: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
    var path: [(node: Node, next: Int)] = [(root, 0)]
    while let (node, next) = path.last {
        guard next < node.parents.count else {
            order.append(node)
            path.removeLast()
            continue
        }
        path[path.count - 1].next += 1
        if let parent = node.parents[next]?.node, visited.insert(ObjectIdentifier(parent)).inserted {
            path.append((parent, 0))
        }
    }
    return order
}

extension Tensor {
    /// A constant of this shape: the cotangent of a loss with respect to itself.
    fileprivate var ones: Tensor { Tensor(shape: shape, repeating: 1) }
}
