import Runtime
import Terminator

/// The settings that determine a training, for a given program and machine: equal settings make equal models.
public struct TrainingSettings: Codable, Equatable, Sendable {
    /// The network.
    public var network: NetworkConfiguration
    /// A summary of the training data, without validation data.
    public var data: DataSummary
    /// The number of samples in a batch.
    public var batchSize: Int
    /// The number of passes over the data.
    public var epochCount: Int
    /// The learning rate of each step.
    public var schedule: LearningRateSchedule
    /// The function to minimize.
    public var objective: TrainingObjective
    /// The random seed.
    public var seed: UInt64

    /// Settings from their parts.
    public init(
        network: NetworkConfiguration, data: DataSummary, batchSize: Int, epochCount: Int,
        schedule: LearningRateSchedule, objective: TrainingObjective = TrainingObjective(), seed: UInt64
    ) {
        require(
            batchSize >= 1 && epochCount >= 1,
            "expected a batch size and a number of epochs of at least 1, got \(batchSize) and \(epochCount)")
        self.network = network
        self.data = data
        self.batchSize = batchSize
        self.epochCount = epochCount
        self.schedule = schedule
        self.objective = objective
        self.seed = seed
    }

    /// The number of steps in each epoch.
    public var stepCountPerEpoch: Int { Batches.count(of: batchSize, for: data.count) }

    /// The first setting in which `other` differs, with both values; `nil` where they are equal.
    func difference(from other: TrainingSettings) -> (name: String, own: String, others: String)? {
        func compare<Value: Equatable>(_ name: String, _ path: KeyPath<Self, Value>) -> (
            String, String, String
        )? {
            let (own, others) = (self[keyPath: path], other[keyPath: path])
            return own == others ? nil : (name, "\(own)", "\(others)")
        }
        if network != other.network { return ("network", "one configuration", "another") }
        return compare("seed", \.seed) ?? compare("number of epochs", \.epochCount)
            ?? compare("batch size", \.batchSize) ?? compare("data", \.data)
            ?? compare("learning rate", \.schedule) ?? compare("objective", \.objective)
    }
}
