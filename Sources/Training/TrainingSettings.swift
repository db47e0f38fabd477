import CZlib
import Terminator

/// Everything that determines a training but the program and the machine: equal settings make equal models.
public struct TrainingSettings: Codable, Equatable, Sendable {
    /// The network.
    public var network: NetworkConfiguration
    /// What is trained on, without validation data.
    public var data: DataSummary
    /// The number of samples in a batch.
    public var batchSize: Int
    /// The number of passes over the data.
    public var epochCount: Int
    /// The learning rate of each step.
    public var schedule: LearningRateSchedule
    /// What is minimized.
    public var objective: TrainingObjective
    /// What all random numbers follow from.
    public var seed: UInt64

    /// Settings from their parts.
    public init(
        network: NetworkConfiguration, data: DataSummary, batchSize: Int, epochCount: Int,
        schedule: LearningRateSchedule, objective: TrainingObjective = TrainingObjective(), seed: UInt64
    ) {
        precondition(
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
    public var stepCountPerEpoch: Int { data.count / batchSize + (data.count % batchSize > 0 ? 1 : 0) }

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

/// What tells data sets apart without their bytes.
public struct DataSummary: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The number of samples.
    public let count: Int
    /// The shape of each sample: channels, then the spatial extents.
    public let sampleShape: [Int]
    /// The CRC-32 of all bytes and then of the classes, four bytes each.
    public let checksum: UInt32

    /// The summary of `data`. Complexity: O(*n*), where *n* is the number of bytes.
    public init(of data: DataSet) {
        count = data.count
        sampleShape = data.sampleShape
        let bytes = data.bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
        let classes = data.labels.flatMap { label in
            (0..<4).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) }
        }
        checksum = UInt32(truncatingIfNeeded: crc32_z(bytes, classes, classes.count))
    }

    /// One line for a person.
    public var description: String {
        "\(count) samples of shape \(sampleShape) with the checksum \(String(checksum, radix: 16))"
    }
}
