import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// A training goes on from a file as if it had never stopped.
@Suite struct TrainingCheckpointTests {
    let folder: TemporaryFolder
    var path: String { folder.file("checkpoint.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    struct Stop: Error {}
    typealias Digits = Trainer<Network, Kar>

    static let data = DeterminismTests.data.subset(0..<20)
    static let plan = BatchPlan(normalization: Normalization(of: data), trainingSize: 8)

    static func settings(epochs: Int = 2) -> TrainingSettings {
        var network = NetworkConfiguration.digits(form: .image)
        network.blocks = [
            BlockConfiguration(channels: 1, expansion: 12),
            BlockConfiguration(channels: 12, expansion: 1, skips: [0], dropout: 0.25),
        ]
        return TrainingSettings(
            network: network, data: DataSummary(of: data), batchSize: 8, epochCount: epochs,
            schedule: LearningRateSchedule(
                .warmUpThenCosine, base: 0.001, warmUpStepCount: 2, stepCount: epochs * 3), seed: 5)
    }

    /// Three steps an epoch, with everything that draws random numbers.
    static func trainer(_ settings: TrainingSettings = settings()) -> Digits {
        var randomNumbers = RandomNumbers(seed: settings.seed)
        let network = Network(settings.network, using: &randomNumbers)
        return Trainer(
            network, optimizer: Kar.kar3(), schedule: settings.schedule,
            augmentation: { $0.shiftSpatially(upTo: 1, using: &$1) }, randomNumbers: randomNumbers)
    }

    static func train(_ trainer: inout Digits, afterStep: (Digits) throws -> Void = { _ in }) throws
        -> [EpochRecord]
    {
        var progress = ProgressDisplay(.quiet) { _ in }
        return try trainer.train(
            on: data, epochCount: 2, plan: plan, validation: data, progress: &progress, afterStep: afterStep)
    }

    /// The bits of all that a trainer holds.
    static func bits(_ trainer: Digits) -> [UInt32] {
        var optimizer = trainer.optimizer
        var tensors = trainer.model.parameters.map(\.tensor)
        tensors += trainer.model.statistics.values.sorted { $0.key < $1.key }.map(\.value)
        optimizer.forEachState { tensors.append($1) }
        return tensors.flatMap { $0.scalars.map(\.bitPattern) }
    }

    @Test(arguments: 1...6) func goesOnAsIfItHadNotStopped(stepCount: Int) throws {
        var uninterrupted = Self.trainer()
        let records = try Self.train(&uninterrupted)

        var stopped = Self.trainer()
        #expect(throws: Stop.self) {
            try Self.train(&stopped) { trainer in
                guard trainer.stepCount == stepCount else { return }
                try trainer.save(to: path, settings: Self.settings())
                throw Stop()
            }
        }
        var resumed = Self.trainer()
        try resumed.restore(from: path, settings: Self.settings())
        #expect(resumed.stepCount == stepCount)
        #expect(Self.bits(resumed) == Self.bits(stopped))

        let resumedRecords = try Self.train(&resumed)
        #expect(Self.bits(resumed) == Self.bits(uninterrupted))
        #expect(resumed.randomNumbers == uninterrupted.randomNumbers)
        for (record, resumedRecord) in zip(records.reversed(), resumedRecords.reversed()) {
            #expect(record.objective == resumedRecord.objective && record.training == resumedRecord.training)
            #expect(record.validation == resumedRecord.validation && record.epoch == resumedRecord.epoch)
        }
        #expect(resumedRecords.count == (stepCount <= 3 ? 2 : 1))
    }

    /// The steps of the epoch are not taken again.
    @Test func goesOnInTheMidstOfValidation() throws {
        var uninterrupted = Self.trainer()
        let records = try Self.train(&uninterrupted)
        var calls = 0
        var stopped = Self.trainer()
        #expect(throws: Stop.self) {
            try Self.train(&stopped) { trainer in
                calls += 1
                // Three steps, then batches of validation.
                guard calls == 4 else { return }
                #expect(trainer.stepCount == 3 && trainer.epochCount == 0)
                try trainer.save(to: path, settings: Self.settings())
                throw Stop()
            }
        }
        var resumed = Self.trainer()
        try resumed.restore(from: path, settings: Self.settings())
        let resumedRecords = try Self.train(&resumed)
        #expect(Self.bits(resumed) == Self.bits(uninterrupted))
        #expect(resumedRecords.map(\.validation) == records.map(\.validation))
    }

    /// Between two epochs, and at the end.
    @Test func goesOnBetweenEpochs() throws {
        var trainer = Self.trainer()
        var progress = ProgressDisplay(.quiet) { _ in }
        for epochCount in 0...2 {
            try trainer.train(on: Self.data, epochCount: epochCount, plan: Self.plan, progress: &progress)
            try trainer.save(to: path, settings: Self.settings())
            trainer = Self.trainer()
            try trainer.restore(from: path, settings: Self.settings())
            #expect(trainer.epochCount == epochCount && trainer.currentEpoch == nil)
        }
        var uninterrupted = Self.trainer()
        _ = try Self.train(&uninterrupted)
        #expect(Self.bits(trainer) == Self.bits(uninterrupted))
        #expect(try Self.train(&trainer).isEmpty)
    }
}
