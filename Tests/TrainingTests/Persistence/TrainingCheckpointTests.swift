import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// A training goes on from a file as if it had never stopped, and takes nothing from a file that is not its own.
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

    // MARK: - What is refused

    /// Writes a checkpoint of a training after four steps, with metadata changed, and answers why it is refused.
    func refusal(
        settings: TrainingSettings = settings(), changing change: (String) -> String = { $0 }
    ) throws -> CheckpointError? {
        var trainer = Self.trainer()
        #expect(throws: Stop.self) {
            try Self.train(&trainer) { trainer in
                if trainer.stepCount == 4 { throw Stop() }
            }
        }
        try trainer.save(to: path, settings: Self.settings())
        let file = try Safetensors(contentsOf: path)
        let tensors = try file.names.map { (name: $0, tensor: try file.tensor(named: $0)) }
        let text = try #require(file.metadata[Digits.checkpointKey])
        try Safetensors.write(tensors, metadata: [Digits.checkpointKey: change(text)], to: path)
        var other = Self.trainer(settings)
        let before = Self.bits(other)
        do {
            try other.restore(from: path, settings: settings)
            return nil
        } catch {
            #expect(Self.bits(other) == before && other.stepCount == 0)
            return error
        }
    }

    @Test func takesWhatItWrote() throws { #expect(try refusal() == nil) }

    @Test func refusesOtherSettings() throws {
        var seed = Self.settings()
        seed.seed = 6
        var batchSize = Self.settings()
        batchSize.batchSize = 4
        var rate = Self.settings()
        rate.schedule.base = 0.5
        var network = Self.settings()
        network.network.blocks[1].dropout = 0.5
        var data = Self.settings()
        data.data = DataSummary(of: DeterminismTests.data.subset(1..<21))
        for (settings, part) in [
            (seed, "seed: expected 6, found 5"), (batchSize, "batchSize: expected 4, found 8"),
            (Self.settings(epochs: 3), "epochCount: expected 3, found 2"),
            (rate, "schedule.base: expected"), (network, "network."), (data, "data: expected 20 samples"),
        ] {
            let message = try refusal(settings: settings).map { "\($0)" } ?? "nothing"
            #expect(message.contains(part) && message.hasPrefix(path), "\(message)")
        }
    }

    @Test(arguments: [
        (#""stepCount":4"#, #""stepCount":5"#), (#""epochCount":1,"#, #""epochCount":-1,"#),
        (#""statisticsBatchCount":4"#, #""statisticsBatchCount":-4"#),
        (#""statisticsBatchCount":4"#, #""statisticsBatchCount":9223372036854775807"#),
        (#""confusion":[["#, #""confusion":[[],["#), (#""confusion":[["#, #""confusion":[[-1,"#),
        (#""randomNumbers":["#, #""randomNumbers":[7,"#), ("}", ""),
        (#""seconds":"#, #""seconds":1e300,"was":"#), (#""seconds":"#, #""seconds":-1,"was":"#),
        (#""lossSum":"#, #""lossSum":1e308,"was":"#), (#""confusion":[[0"#, #""confusion":[[20"#),
        (#""epochCount":1,"#, #""epochCount":9223372036854775807,"#),
    ]) func refusesImpossibleStates(found: String, replacement: String) throws {
        guard
            case .configuration(path, _)? = try refusal(changing: { text in
                #expect(text.contains(found), "\(text)")
                return text.replacing(found, with: replacement)
            })
        else {
            Issue.record("expected a refusal of the state")
            return
        }
    }

    /// What is counted of classes is neither taken for what is counted of numbers nor the other way round.
    @Test func refusesMetricsOfAnotherTask() throws {
        let other = try JSONEncoder().encode(RegressionMetrics())
        let found = try refusal(changing: { text in
            text.replacing(
                #/"metrics":\{"confusion".*?\}/#,
                with: "\"metrics\":" + String(decoding: other, as: UTF8.self))
        })
        #expect(found.map { "\($0)" }?.contains("expected counts of steps and samples that agree") == true)
    }

    /// A command takes the number of epochs and the rate from a checkpoint: those that no command line has are refused.
    @Test(arguments: [
        (#""epochCount":2,"#, #""epochCount":9223372036854775807,"#),
        (#""epochCount":2,"#, #""epochCount":0,"#),
        (#""base":0.001"#, #""base":-1"#),
    ]) func refusesImpossibleSettings(found: String, replacement: String) throws {
        try Self.trainer().save(to: path, settings: Self.settings())
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try TrainingSettings(ofCheckpoint: path) == Self.settings())
        let text = try #require(try Safetensors(contentsOf: path).metadata(named: "training"))
        try #require(text.contains(found), "\(text)")
        try Safetensors.write([], metadata: ["training": text.replacing(found, with: replacement)], to: path)
        #expect(throws: CheckpointError.self) { try TrainingSettings(ofCheckpoint: path) }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test func refusesModelsAndPartsOfFiles() throws {
        var trainer = Self.trainer()
        try TrainedNetwork(trainer.model, normalization: Self.plan.normalization).save(to: path)
        #expect(throws: CheckpointError.self) { try trainer.restore(from: path, settings: Self.settings()) }
        try trainer.save(to: path, settings: Self.settings())
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in [0, 7, 8, 1000, whole.count / 2, whole.count - 1] {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: CheckpointError.self) {
                try trainer.restore(from: path, settings: Self.settings())
            }
        }
    }

    /// One byte or one class more, and the summary is another.
    @Test func summarizesData() throws {
        let data = DataSet(sampleShape: [1, 9], bytes: Array("123456789".utf8), labels: [0], classCount: 2)
        var others = [data, data, data]
        others[1] = DataSet(sampleShape: [1, 9], bytes: Array("123456780".utf8), labels: [0], classCount: 2)
        others[2] = DataSet(sampleShape: [1, 9], bytes: Array("123456789".utf8), labels: [1], classCount: 2)
        let summaries = others.map { DataSummary(of: $0) }
        #expect(summaries[0] == DataSummary(of: data))
        #expect(summaries[0] != summaries[1] && summaries[0] != summaries[2])
        // Sequences of numbers, of which one, or one answer, is another.
        func summary(_ numbers: [Float], _ answers: [Float]) -> DataSummary {
            DataSummary(
                of: DataSet(
                    sampleShape: [1, 2], scalars: .floats(numbers), task: .number,
                    targets: .numbers(answers)))
        }
        let numbers = summary([0.5, 0.25], [1])
        #expect(numbers == summary([0.5, 0.25], [1]) && numbers.task == .number)
        #expect(numbers != summary([0.5, 0.26], [1]) && numbers != summary([0.5, 0.25], [2]))
        // The task's name in the files of trainings.
        let file =
            #"{"count":1,"sampleShape":[1,2],"checksum":\#(numbers.checksum),"question":{"number":{}}}"#
        #expect(try JSONDecoder().decode(DataSummary.self, from: Data(file.utf8)) == numbers)
        let none = DataSet(sampleShape: [1, 9], bytes: [], labels: [], classCount: 2)
        #expect(DataSummary(of: none).checksum == 0)
    }
}
