/// What a network was trained for: what a model file says of itself, so that no other program takes it for its own.
public struct TrainingRecord: Codable, Equatable, Sendable {
    /// The program that trained the network.
    public var program: String
    /// The data set, from whose training samples the normalization was taken.
    public var data: String
    /// How samples become the network's inputs, as in "sequences of pixels, row by row".
    public var arrangement: String
    /// The names of the classes, in their order; empty where they have none.
    public var classNames: [String]

    /// A record from its parts.
    public init(program: String, data: String, arrangement: String, classNames: [String] = []) {
        self.program = program
        self.data = data
        self.arrangement = arrangement
        self.classNames = classNames
    }
}
