/// A rule that updates a model's parameters along a gradient, with a state that depends on earlier gradients.
public protocol Optimizer: Sendable {
    /// Updates the parameters of `model` by one step at the given learning rate.
    mutating func update<Model: Module>(_ model: inout Model, along gradient: Gradient, rate: Float)

    /// Creates the state that the first update would create, so that a saved state can replace it.
    mutating func prepare<Model: Module>(for model: Model)

    /// Calls `body` with the name of each tensor of the state, in a fixed order, and the tensor, which it may replace.
    /// Before the first update or ``prepare(for:)`` there may be none.
    mutating func forEachState(_ body: (String, inout Tensor) throws -> Void) rethrows
}

extension Optimizer {
    /// Updates a copy of the model with a gradient of zero at the rate 0: correct for every rule whose initial state
    /// that does not change.
    public mutating func prepare<Model: Module>(for model: Model) {
        var copy = model
        update(&copy, along: .zero(for: model), rate: 0)
    }
}

extension Gradient {
    /// A gradient of zero for each parameter of the model.
    public static func zero<Model: Module>(for model: Model) -> Gradient {
        let components = model.parameters.map { ($0.name, Tensor(shape: $0.tensor.shape, repeating: 0)) }
        return Gradient(components: Dictionary(uniqueKeysWithValues: components), unused: [])
    }
}
