import Foundation
import Tensors

/// What came of each epoch of a training, for those who look at it later.
public struct TrainingHistory: Codable, Equatable, Sendable {
    /// What came of one epoch.
    public struct Epoch: Codable, Equatable, Sendable {
        /// The number of the epoch, from 1.
        public let epoch: Int
        /// The number of steps taken until its end, from the beginning of the training.
        public let step: Int
        /// The number of samples it trained on.
        public let sampleCount: Int
        /// The mean of the loss that was minimized.
        public let objective: Double
        /// The mean cross entropy in training, or the mean squared error where numbers are asked for.
        public let loss: Double
        /// The accuracy in training; numbers have none.
        public let accuracy: Double?
        /// The same on validation data, if there were any.
        public let validationLoss: Double?
        /// The accuracy on validation data, if there were any.
        public let validationAccuracy: Double?
        /// The learning rate of the epoch's last step.
        public let learningRate: Float
        /// How long the training took, without validation.
        public let seconds: Double
    }

    /// The epochs that are over, in their order.
    public private(set) var epochs: [Epoch] = []

    /// A history of nothing yet.
    public init() {}

    /// Takes in the epoch that `trainer` has just ended, and answers what is kept of it.
    @discardableResult
    public mutating func add<Model, Rule>(_ record: EpochRecord, of trainer: Trainer<Model, Rule>) -> Epoch {
        let epoch = Epoch(
            epoch: record.epoch, step: trainer.stepCount, sampleCount: record.sampleCount,
            objective: record.objective, loss: record.training.loss, accuracy: record.training.accuracy,
            validationLoss: record.validation?.loss, validationAccuracy: record.validation?.accuracy,
            learningRate: trainer.schedule.rate(atStep: trainer.stepCount - 1), seconds: record.seconds)
        epochs.append(epoch)
        return epoch
    }

    /// Forgets the epochs behind the first `count`: a training that goes on from an earlier checkpoint comes to them
    /// again.
    public mutating func keepFirst(_ count: Int) { epochs.removeAll { $0.epoch > count } }

    /// Reads what ``write(to:)`` wrote.
    ///
    /// - Throws: ``DataFileError``.
    public init(contentsOf file: String) throws(DataFileError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw DataFileError(file: file, reason: .unreadable(systemReason(error)))
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw DataFileError(file: file, reason: .notHistory)
        }
    }

    /// Writes the history as JSON. A file that was there before is replaced as a whole, or left as it was if something
    /// goes wrong.
    ///
    /// - Throws: ``DataFileError``.
    public func write(to file: String) throws(DataFileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            let text = try encoder.encode(self) + Data("\n".utf8)
            try text.write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw DataFileError(file: file, reason: .unwritable(systemReason(error)))
        }
    }
}
