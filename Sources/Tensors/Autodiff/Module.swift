/// A value with named parameters, such as a layer or a network.
///
/// Checkpoints, gradients and optimizers use the names given here.
public protocol Module: Sendable {
    /// Calls `body` with the name of each parameter, in a fixed order, and the parameter, which it may replace.
    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows

    /// The rules of the parameters that have a learning rate or weight decay of their own, by name; none by default.
    var trainingRules: [String: TrainingRule] { get }
}

extension Module {
    /// No parameter has a rule of its own.
    public var trainingRules: [String: TrainingRule] { [:] }

    /// Visits the parameters of `child`, with names prefixed by `name` and a dot.
    public static func visit<Child: Module>(
        _ name: String, _ child: inout Child, _ body: (String, inout Tensor) throws -> Void
    ) rethrows {
        try child.forEachParameter { try body("\(name).\($0)", &$1) }
    }

    /// Visits the parameters of each of `children`, with names prefixed by `name`, the child's index and dots.
    public static func visit<Child: Module>(
        _ name: String, _ children: inout [Child], _ body: (String, inout Tensor) throws -> Void
    ) rethrows {
        for index in children.indices {
            try visit("\(name).\(index)", &children[index], body)
        }
    }

    /// The parameters with their names, in the module's order.
    public var parameters: [(name: String, tensor: Tensor)] {
        var copy = self
        var all: [(name: String, tensor: Tensor)] = []
        copy.forEachParameter { all.append((name: $0, tensor: $1)) }
        return all
    }

    /// The total number of scalars of all parameters.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }
}
