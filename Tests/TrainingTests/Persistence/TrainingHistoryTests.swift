import Foundation
import Terminator
import TestSupport
import Testing

@testable import Training

@Suite struct TrainingHistoryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func history() throws -> TrainingHistory {
        var trainer = TrainerTests().trainer()
        var progress = ProgressDisplay.onStandardError(isQuiet: true)
        var history = TrainingHistory()
        try trainer.train(
            on: TrainerTests.data, epochCount: 3,
            plan: BatchPlan(normalization: TrainerTests.normalization, trainingSize: 8),
            validation: TrainerTests.data, progress: &progress
        ) { trainer, record in
            let epoch = history.add(record, of: trainer)
            #expect(epoch == history.epochs.last)
            #expect(epoch.loss == record.training.loss && epoch.objective == record.objective)
            #expect(epoch.validationLoss == record.validation?.loss)
            return nil
        }
        return history
    }

    @Test func keepsWhatCameOfEachEpoch() throws {
        let history = try history()
        #expect(history.epochs.map(\.epoch) == [1, 2, 3])
        #expect(history.epochs.map(\.step) == [3, 6, 9])
        #expect(history.epochs.allSatisfy { $0.sampleCount == 20 && $0.learningRate == 0.1 })
        #expect(history.epochs.allSatisfy { $0.validationAccuracy != nil })
    }

    @Test func readsWhatItWrote() throws {
        var history = try history()
        let file = folder.file("history.json")
        try history.write(to: file)
        #expect(try TrainingHistory(contentsOf: file) == history)
        history.keepFirst(1)
        #expect(history.epochs.count == 1)
        try history.write(to: file)
        #expect(try TrainingHistory(contentsOf: file) == history)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["history.json"])
    }

    /// Numbers that no training makes, and whose sums or pictures would overflow.
    @Test(arguments: [
        (#""epoch" : 1"#, #""epoch" : 0"#), (#""epoch" : 1"#, #""epoch" : 99999999999999999999"#),
        (#""sampleCount" : 20"#, #""sampleCount" : -1"#), (#""step" : 3"#, #""step" : 3.5"#),
        (#""learningRate" : 0.1"#, #""learningRate" : 1e39"#),
        (#""learningRate" : 0.1"#, #""learningRate" : NaN"#),
        (#""seconds" : "#, #""seconds" : 1e301, "was" : "#), (#""seconds" : "#, #""seconds" : -1, "was" : "#),
        (#""loss" : "#, #""loss" : 1e400, "was" : "#), (#""loss" : "#, #""loss" : -1e100, "was" : "#),
    ]) func refusesImpossibleNumbers(found: String, replacement: String) throws {
        let file = folder.file("history.json")
        try history().write(to: file)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(found), "\(text)")
        _ = try folder.write(Array(text.replacing(found, with: replacement).utf8), to: "history.json")
        #expect(throws: DataFileError(file: file, reason: .notHistory)) {
            try TrainingHistory(contentsOf: file)
        }
    }

    @Test func refusesOtherFiles() throws {
        let file = try folder.write(Array("{\"epochs\": [{\"epoch\": 1}]}".utf8), to: "history.json")
        #expect(throws: DataFileError(file: file, reason: .notHistory)) {
            try TrainingHistory(contentsOf: file)
        }
        #expect(throws: DataFileError.self) { try TrainingHistory(contentsOf: folder.file("none")) }
        #expect(throws: DataFileError.self) {
            try TrainingHistory().write(to: folder.file("none/history.json"))
        }
    }
}
