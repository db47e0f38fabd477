import Foundation
import Tensors
import Terminator
import TestSupport
import Testing
import Training

/// A model file says what its network is for.
@Suite struct TrainingRecordTests {
    private let folder: TemporaryFolder
    private let network: Network
    private let normalization = Normalization(means: [0.5], deviations: [2])
    private let record = TrainingRecord(
        program: "Program", data: "data", arrangement: "rows", classNames: ["\"a\"", "ü"])

    init() throws {
        folder = try TemporaryFolder()
        var configuration = NetworkConfiguration(
            extents: [8], inputChannels: 1, classCount: 2,
            blocks: [BlockConfiguration(channels: 1, expansion: 12)])
        configuration.globalHidden = 2
        var numbers = RandomNumbers(seed: 1)
        network = Network(configuration, using: &numbers)
    }

    @Test func survivesFiles() throws {
        for record in [record, nil] {
            let file = folder.file("model")
            let trained = TrainedNetwork(network, normalization: normalization, record: record)
            try trained.save(to: file)
            #expect(try TrainedNetwork(contentsOf: file).record == record)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            try trained.save(to: file)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
        }
    }

    @Test func refusesDamagedRecords() throws {
        for (text, part) in [
            ("{}", "the record in the metadata cannot be decoded"), ("[", "cannot be decoded"),
            (
                #"{"program":"p","data":"d","arrangement":"a","classNames":["one"]}"#,
                "expected no class names or 2, found 1"
            ),
        ] {
            let file = folder.file("damaged")
            let constants = #"{"means":[0],"deviations":[1]}"#
            try network.save(
                to: file,
                metadata: [TrainedNetwork.normalizationKey: constants, TrainedNetwork.recordKey: text])
            let error = #expect(throws: CheckpointError.self) { try TrainedNetwork(contentsOf: file) }
            #expect(error.map { "\($0)" }?.contains(part) == true, "\(String(describing: error))")
        }
    }

    @Test func selectsEpochs() throws {
        // Histories are made of their files: epochs with these results on validation data.
        func history(_ losses: [Double], _ accuracies: [Double]?) throws -> TrainingHistory {
            let epochs = losses.indices.map { index in
                let accuracy = accuracies.map { #","validationAccuracy":\#($0[index])"# } ?? ""
                return #"{"epoch":\#(index + 1),"step":\#(index + 1),"sampleCount":1,"objective":1,"loss":1,"#
                    + #""learningRate":0.1,"seconds":1,"validationLoss":\#(losses[index])\#(accuracy)}"#
            }
            let text = #"{"epochs":[\#(epochs.joined(separator: ","))]}"#
            return try TrainingHistory(contentsOf: folder.write(Array(text.utf8), to: "history"))
        }
        let patient = ModelSelection(keepsBest: true, patience: 2)
        #expect(TrainingHistory().bestEpoch == nil && !patient.isOver(TrainingHistory()))
        let first = try history([3, 2, 2, 4], nil)
        #expect(first.bestEpoch == 2 && patient.isOver(first))
        let second = try history([3, 2, 1], [0.5, 0.75, 0.75])
        #expect(second.bestEpoch == 2 && !patient.isOver(second) && !ModelSelection().isOver(second))
    }
}
