import Tensors

/// The position of a parameter in the tree of modules, as a value.
///
/// Everything that depends on a parameter's role (group, penalty, key in a foreign checkpoint) is a `switch` over
/// paths, which the compiler checks for completeness; no name is parsed.
public protocol ParameterPath: Hashable, Sendable {
    /// The parameter's name: the key of checkpoints, gradients and optimizers.
    var name: String { get }
    /// Whether the parameter is a weight: the matrix of a layer or the frequencies of a filter. Weight decay and
    /// penalties apply to weights.
    var isWeight: Bool { get }
}

/// A module whose parameters have paths, from which their names are made.
public protocol StructuredModule: Module {
    /// The paths of the module's parameters.
    associatedtype Path: ParameterPath

    /// Calls `body` with the path of each parameter, in a fixed order, and the parameter itself, to read or replace.
    mutating func forEachParameterPath(_ body: (Path, inout Tensor) throws -> Void) rethrows
}

extension StructuredModule {
    /// Calls `body` with the name of each parameter, in the order of ``forEachParameterPath(_:)``, and the parameter.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try forEachParameterPath { try body($0.name, &$1) }
    }

    /// The parameters with their paths, in the module's order.
    public var parametersByPath: [(path: Path, tensor: Tensor)] {
        var copy = self
        var all: [(path: Path, tensor: Tensor)] = []
        copy.forEachParameterPath { all.append((path: $0, tensor: $1)) }
        return all
    }

    /// The names of the weights among the parameters.
    var weightNames: Set<String> { Set(parametersByPath.lazy.map(\.path).filter(\.isWeight).map(\.name)) }

    /// Visits a parameter that may have been left out.
    static func visit<ParentPath>(
        _ path: ParentPath, _ parameter: inout Tensor?, _ body: (ParentPath, inout Tensor) throws -> Void
    ) rethrows {
        guard var present = parameter else { return }
        // Moved out and back: a second reference would turn an update in place into a copy.
        parameter = nil
        defer { parameter = present }
        try body(path, &present)
    }
}
