import Runtime

/// The derivative of a loss with respect to every parameter of a module, by name.
public struct Gradient: Sendable {
    /// Each parameter's gradient, of the parameter's shape.
    public internal(set) var components: [String: Tensor]
    /// The parameters that the loss does not depend on, in the module's order; their gradients are zero.
    public let unused: [String]

    /// The gradient of the named parameter, which must be one of the module's.
    public subscript(name: String) -> Tensor {
        guard let component = components[name] else {
            fatalError("there is no gradient of '\(name)'")
        }
        return component
    }
}

/// The loss at `model` and its gradient.
///
/// `loss` receives the model with its parameters recorded and must answer a scalar. The gradient is computed by
/// reverse-mode differentiation: one walk back over the operations, each cotangent released as soon as it is used.
///
/// - Complexity: the backward pass costs two to three times the forward pass.
public func valueAndGradient<Model: Module>(
    at model: Model, _ loss: (Model) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Gradient) {
    let (value, gradient, _) = try valueAndGradient(at: model) { (try loss($0), ()) }
    return (value, gradient)
}

/// The loss at `model`, its gradient, and whatever else the computation has to say (logits, statistics).
///
/// Tensors in the detail should be ``Tensor/detached``: one that is recorded keeps everything it was computed from.
public func valueAndGradient<Model: Module, Detail>(
    at model: Model, _ loss: (Model) throws -> (Tensor, Detail)
) rethrows -> (value: Tensor, gradient: Gradient, detail: Detail) {
    var recorded = model
    var leaves: [(name: String, node: Node, shape: [Int])] = []
    var names: Set<String> = []
    recorded.forEachParameter { name, parameter in
        require(names.insert(name).inserted, "two parameters are named '\(name)'")
        let leaf = Node(shape: parameter.shape)
        leaves.append((name, leaf, parameter.shape))
        parameter = parameter.placed(at: Place(node: leaf, result: 0))
    }
    var (value, detail) = try loss(recorded)
    require(value.count == 1, "a loss is a scalar; this one has the shape \(value.shape)")

    // From here on nothing but the walk holds the graph, so that the walk can release it.
    var root = value.place
    value = value.detached
    let cotangents = cotangentsOfLeaves(from: &root, shape: value.shape)
    var components: [String: Tensor] = [:]
    var unused: [String] = []
    for (name, node, shape) in leaves {
        if let cotangent = cotangents[ObjectIdentifier(node)] {
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

/// Walks from `root`, which it takes, to the leaves: every node after all that were computed from it. A node is
/// released, and what its pullback kept with it, as soon as it has been passed, unless someone else holds it.
private func cotangentsOfLeaves(from root: inout Place?, shape: [Int]) -> [ObjectIdentifier: Tensor] {
    guard let start = root.take() else { return [:] }
    var cotangents: [ObjectIdentifier: [CotangentSum]] = [:]
    func add(_ contribution: Tensor, to place: Place) {
        cotangents[
            ObjectIdentifier(place.node), default: place.node.resultShapes.map(CotangentSum.init)
        ][place.result].add(contribution)
    }

    add(Tensor(shape: shape, repeating: 1), to: start)
    var order = nodesInPostorder(from: start.node)
    _ = consume start
    var leaves: [ObjectIdentifier: Tensor] = [:]
    while let node = order.popLast() {
        guard var sums = cotangents.removeValue(forKey: ObjectIdentifier(node)) else { continue }
        let results = sums.indices.map { sums[$0].total() }
        guard let pullback = node.pullback else {
            leaves[ObjectIdentifier(node)] = results[0]
            continue
        }
        let contributions = pullback(results)
        require(
            contributions.count == node.parents.count,
            "a pullback of \(node.parents.count) operands answered \(contributions.count) cotangents")
        for case (let parent?, let contribution?) in zip(node.parents, contributions) {
            add(contribution, to: parent)
        }
    }
    return leaves
}

/// Every node that `root` was computed from, and `root`: each after its parents. Without recursion, as a graph may
/// be deeper than the stack.
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
