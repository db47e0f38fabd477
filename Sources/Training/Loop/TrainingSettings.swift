import Runtime
import Tensors
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
    /// The share of the positions of training samples that are erased in each step; `nil` for none.
    public var erasedShare: Float?
    /// The random seed.
    public var seed: UInt64
    /// The normalization, where it is not that of the data: that of a network from which the training starts.
    public var normalization: Normalization?
    /// Which network is kept; `nil` for the last one, after all epochs.
    public var selection: ModelSelection?
    /// What the network is trained for.
    public var record: TrainingRecord?

    /// Settings from their parts.
    public init(
        network: NetworkConfiguration, data: DataSummary, batchSize: Int, epochCount: Int,
        schedule: LearningRateSchedule, objective: TrainingObjective = TrainingObjective(),
        erasedShare: Float? = nil, seed: UInt64,
        normalization: Normalization? = nil, selection: ModelSelection? = nil, record: TrainingRecord? = nil
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
        self.erasedShare = erasedShare
        self.seed = seed
        self.normalization = normalization
        self.selection = selection
        self.record = record
    }

    /// The number of steps in each epoch.
    public var stepCountPerEpoch: Int { Batches.count(of: batchSize, for: data.count) }

    /// The settings of the training whose checkpoint is at `path`.
    ///
    /// - Throws: `CheckpointError`.
    public init(ofCheckpoint path: String) throws(CheckpointError) {
        let settings = try TrainingState(in: ParameterFile(path), key: Trainer<Network, Kar>.checkpointKey)
            .settings
        let rate = settings.schedule.base
        guard (1...1_000_000_000).contains(settings.epochCount), rate > 0, rate.isFinite else {
            throw .configuration(
                path: path,
                reason:
                    "expected from 1 to 1000000000 epochs and a learning rate above 0, found \(settings.epochCount) "
                    + "and \(rate)")
        }
        self = settings
    }

    /// The first field in which `other` differs, as in `network.blocks[0].channels`, with both values; `nil` where they are
    /// equal.
    func difference(from other: TrainingSettings) -> FieldDifference? {
        var compared = other
        compared.data = data
        if let difference = FieldDifference.all(between: self, and: compared).first { return difference }
        return data == other.data
            ? nil : FieldDifference(field: "data", own: "\(data)", others: "\(other.data)")
    }
}
