import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

/// A training takes nothing from a file that is not its own.
@Suite struct TrainingCheckpointRefusalTests {
    private typealias Checkpoints = TrainingCheckpointTests

    private let folder: TemporaryFolder
    private var path: String { folder.file("checkpoint.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    /// Writes a checkpoint of a training after four steps, with metadata changed, and answers why it is refused.
    func refusal(
        settings: TrainingSettings = Checkpoints.settings(), changing change: (String) -> String = { $0 }
    ) throws -> CheckpointError? {
        var trainer = Checkpoints.trainer()
        #expect(throws: Checkpoints.Stop.self) {
            try Checkpoints.train(&trainer) { trainer in
                if trainer.stepCount == 4 { throw Checkpoints.Stop() }
            }
        }
        try trainer.save(to: path, settings: Checkpoints.settings())
        let file = try Safetensors(contentsOf: path)
        let tensors = try file.names.map { (name: $0, tensor: try file.tensor(named: $0)) }
        let text = try #require(file.metadata[Checkpoints.Digits.checkpointKey])
        try Safetensors.write(tensors, metadata: [Checkpoints.Digits.checkpointKey: change(text)], to: path)
        var other = Checkpoints.trainer(settings)
        let before = Checkpoints.bits(other)
        do {
            try other.restore(from: path, settings: settings)
            return nil
        } catch {
            #expect(Checkpoints.bits(other) == before && other.stepCount == 0)
            return error
        }
    }

    @Test func takesWhatItWrote() throws { #expect(try refusal() == nil) }

    @Test func refusesOtherSettings() throws {
        var seed = Checkpoints.settings()
        seed.seed = 6
        var batchSize = Checkpoints.settings()
        batchSize.batchSize = 4
        var rate = Checkpoints.settings()
        rate.schedule.base = 0.5
        var network = Checkpoints.settings()
        network.network.blocks[1].dropout = 0.5
        var data = Checkpoints.settings()
        data.data = DataSummary(of: DeterminismTests.data.subset(1..<21))
        for (settings, part) in [
            (seed, "seed: expected 6, found 5"), (batchSize, "batchSize: expected 4, found 8"),
            (Checkpoints.settings(epochs: 3), "epochCount: expected 3, found 2"),
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
        try Checkpoints.trainer().save(to: path, settings: Checkpoints.settings())
        #expect(try TrainingSettings(ofCheckpoint: path) == Checkpoints.settings())
        let text = try #require(try Safetensors(contentsOf: path).metadata(named: "training"))
        try #require(text.contains(found), "\(text)")
        try Safetensors.write([], metadata: ["training": text.replacing(found, with: replacement)], to: path)
        #expect(throws: CheckpointError.self) { try TrainingSettings(ofCheckpoint: path) }
    }

    @Test func refusesModelsAndPartsOfFiles() throws {
        var trainer = Checkpoints.trainer()
        try TrainedNetwork(trainer.model, normalization: Checkpoints.plan.normalization).save(to: path)
        #expect(throws: CheckpointError.self) {
            try trainer.restore(from: path, settings: Checkpoints.settings())
        }
        try trainer.save(to: path, settings: Checkpoints.settings())
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in [0, 7, 8, 1000, whole.count / 2, whole.count - 1] {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: CheckpointError.self) {
                try trainer.restore(from: path, settings: Checkpoints.settings())
            }
        }
    }
}
