import CZlib
import Runtime
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

/// What tells data sets apart without their scalars.
public struct DataSummary: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The number of samples.
    public let count: Int
    /// The shape of each sample: channels, then the spatial extents.
    public let sampleShape: [Int]
    /// The CRC-32 of all scalars, bytes or the bits of numbers, and then of the targets, four bytes each.
    public let checksum: UInt32
    /// What is asked, if not the class of each sample.
    public let question: Question?

    /// The summary of `data`. Complexity: O(*n*), where *n* is the number of bytes.
    public init(of data: DataSet) {
        count = data.count
        sampleShape = data.sampleShape
        let scalars =
            switch data.scalars {
            case .bytes(let bytes): bytes.withUnsafeBytes { Self.checksum(of: $0) }
            case .floats(let floats): floats.withUnsafeBytes { Self.checksum(of: $0) }
            }
        let targets =
            switch data.targets {
            case .labels(let labels): labels.map { UInt32(truncatingIfNeeded: $0).littleEndian }
            case .numbers(let numbers): numbers.map(\.bitPattern.littleEndian)
            }
        checksum = targets.withUnsafeBytes { Self.checksum(of: $0, after: scalars) }
        question = if case .classes(_, nil) = data.question { nil } else { data.question }
    }

    private static func checksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
        let bytes = bytes.bindMemory(to: UInt8.self)
        // Without bytes there is no pointer to them, which zlib would take for a question for its initial value.
        guard let start = bytes.baseAddress else { return checksum }
        return UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), start, bytes.count))
    }

    /// One line for a person.
    public var description: String {
        "\(count) samples of shape \(sampleShape) with the checksum \(String(checksum, radix: 16))"
    }
}
