/// How an optimizer treats a parameter that has a learning rate or weight decay of its own.
public struct TrainingRule: Sendable, Equatable {
    /// What the learning rate is multiplied by, at least 0; at 0 the parameter stays as it is.
    public var rateFactor: Float
    /// Whether weight decay applies as to other parameters; without it, there is none.
    public var decays: Bool

    /// A rule from its parts.
    public init(rateFactor: Float, decays: Bool) {
        self.rateFactor = rateFactor
        self.decays = decays
    }

    /// The rule of all other parameters.
    package static let ordinary = TrainingRule(rateFactor: 1, decays: true)
}
