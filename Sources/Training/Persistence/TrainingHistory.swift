import Foundation
import Runtime
import Tensors

/// The history of a training: objectives, losses, accuracies and times of each epoch.
public struct TrainingHistory: Codable, Equatable, Sendable {
    /// The history of one epoch.
    public struct Epoch: Codable, Equatable, Sendable {
        /// The number of the epoch, from 1.
        public let epoch: Int
        /// The number of steps taken until its end, from the beginning of the training.
        public let step: Int
        /// The number of training samples.
        public let sampleCount: Int
        /// The mean of the objective, which is minimized.
        public let objective: Double
        /// The mean cross entropy in training; for regression, the mean squared error.
        public let loss: Double
        /// The accuracy in training; numbers have none.
        public let accuracy: Double?
        /// The loss on validation data, if there were any.
        public let validationLoss: Double?
        /// The accuracy on validation data, if there were any.
        public let validationAccuracy: Double?
        /// The learning rate of the epoch's last step.
        public let learningRate: Float
        /// The duration of the training steps, without validation.
        public let seconds: Double
    }

    /// The size of about a million epochs.
    private static let largestByteCount = 1 << 28

    /// The finished epochs, in order.
    public private(set) var epochs: [Epoch] = []

    /// An empty history.
    public init() {}

    /// Adds the epoch that `trainer` has just finished, and returns its history.
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

    /// The number of the epoch with the highest accuracy on validation data, or for regression with the lowest loss; the
    /// earlier of equal ones. `nil` without validation data.
    public var bestEpoch: Int? {
        // Both are better the higher they are; `max` returns the first of equal ones.
        epochs.compactMap { epoch in
            (epoch.validationAccuracy ?? epoch.validationLoss.map { -$0 }).map { (epoch.epoch, $0) }
        }.max { $0.1 < $1.1 }?.0
    }

    /// Removes all but the first `count` epochs: a training that resumes from an earlier checkpoint repeats them.
    public mutating func keepFirst(_ count: Int) { epochs.removeAll { $0.epoch > count } }

    /// Reads a file that ``write(to:)`` wrote.
    ///
    /// - Throws: ``DataFileError``.
    public init(contentsOf file: String) throws(DataFileError) {
        let data: Data
        do throws(FileError) {
            data = Data(try InputFile.contents(of: file, limit: Self.largestByteCount))
        } catch {
            throw DataFileError(file: file, reason: .unreadable("\(error.reason)"))
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw DataFileError(file: file, reason: .notHistory)
        }
        guard epochs.allSatisfy(\.isPossible) else { throw DataFileError(file: file, reason: .notHistory) }
    }

    /// Writes the history as JSON. An existing file is replaced atomically or, on failure, stays.
    ///
    /// - Throws: ``DataFileError``.
    public func write(to file: String) throws(DataFileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text: Data
        do {
            text = try encoder.encode(self) + Data("\n".utf8)
        } catch {
            // Integers and finite numbers.
            fatalError("expected a history that can be encoded, got \(self): \(error)")
        }
        try AtomicFile.write([UInt8](text), to: file)
    }
}

extension TrainingHistory.Epoch {
    /// Whether numbers from outside are in the range of those of a training, whose sums and pictures do not overflow.
    fileprivate var isPossible: Bool {
        let numbers = [
            objective, loss, accuracy ?? 0, validationLoss ?? 0, validationAccuracy ?? 0, seconds,
        ]
        return epoch >= 1 && step >= 0 && sampleCount >= 0 && seconds >= 0
            && numbers.allSatisfy { $0.magnitude < 1e100 }
    }
}
