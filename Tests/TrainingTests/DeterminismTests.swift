import Convolution
import Tensors
import Terminator
import Testing

@testable import Training

/// Runs with the same seed must agree to the last bit, whatever the number of threads.
@Suite(.serialized) struct DeterminismTests {
    /// Noise, but each sample's noise has its label's brightness, so that there is something to learn.
    static let data: DataSet = {
        var randomNumbers = RandomNumbers(seed: 7)
        let labels = (0..<50).map { $0 % 10 }
        return DataSet(
            sampleShape: [1, 8, 8],
            bytes: labels.flatMap { label in
                (0..<64).map { _ in UInt8(randomNumbers.uniform(in: 0..<100)) + UInt8(15 * label) }
            }, labels: labels, classCount: 10)
    }()

    /// The bits of the parameters, the loss of each epoch and the loss on the training data after two epochs.
    static func bits(form: NetworkConfiguration.DigitsForm, seed: UInt64, threads: Int) throws -> [UInt64] {
        try Threads.withCount(threads) { try bits(form: form, seed: seed) }
    }

    private static func bits(form: NetworkConfiguration.DigitsForm, seed: UInt64) throws -> [UInt64] {
        let data = form == .sequence ? Self.data.asSequences : Self.data
        var configuration = NetworkConfiguration.digits(form: form)
        for index in configuration.blocks.indices { configuration.blocks[index].dropout = 0.1 }
        var randomNumbers = RandomNumbers(seed: seed)
        let network = Network(configuration, using: &randomNumbers)
        var trainer = Trainer(
            network, optimizer: Kar.kar3(),
            schedule: LearningRateSchedule(.constant, base: 0.001, stepCount: 8),
            augmentation: { $0.shiftSpatially(upTo: 1, using: &$1) }, randomNumbers: randomNumbers)
        var progress = ProgressDisplay(.quiet) { _ in }
        let records = try trainer.train(
            on: data, epochCount: 2,
            plan: BatchPlan(normalization: Normalization(of: data), trainingSize: 16),
            validation: data, progress: &progress)
        return trainer.model.parameters.flatMap { $0.tensor.scalars.map { UInt64($0.bitPattern) } }
            + records.map(\.objective.bitPattern) + records.map { $0.validation!.loss.bitPattern }
    }

    @Test(arguments: NetworkConfiguration.DigitsForm.allCases)
    func repeatsToTheLastBit(form: NetworkConfiguration.DigitsForm) throws {
        let first = try Self.bits(form: form, seed: 1, threads: 1)
        #expect(try Self.bits(form: form, seed: 1, threads: 1) == first)
        #expect(try Self.bits(form: form, seed: 1, threads: 2) == first)
        #expect(try Self.bits(form: form, seed: 1, threads: 5) == first)
        #expect(try Self.bits(form: form, seed: 2, threads: 1) != first)
    }
}
