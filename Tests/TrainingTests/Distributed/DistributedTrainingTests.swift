import Tensors
import Terminator
import Testing
import TestSupport

@testable import Training

/// Trainings whose batches are distributed have the bits of one process, whatever the number of processes.
@Suite(.serialized) struct DistributedTrainingTests {
    /// Parameters, running statistics, objectives and validation losses after two epochs, as bits.
    static func bits(
        _ configuration: NetworkConfiguration, data: DataSet, batchSize: Int,
        over processes: (any Communicator)?
    ) throws -> [UInt64] {
        var randomNumbers = RandomNumbers(seed: 3)
        let network = Network(configuration, using: &randomNumbers)
        var trainer = Trainer(
            network, optimizer: Kar.kar3(),
            schedule: LearningRateSchedule(.constant, base: 0.001, stepCount: 8),
            augmentation: {
                $0.shiftSpatially(upTo: 1, using: &$1)
                $0.mirrorAtRandom(using: &$1)
            }, randomNumbers: randomNumbers)
        var progress = ProgressDisplay(.quiet) { _ in }
        let plan = BatchPlan(
            normalization: Normalization(of: data), trainingSize: batchSize, evaluationSize: 7,
            processes: processes)
        let records = try trainer.train(
            on: data, epochCount: 2, plan: plan, validation: data, progress: &progress)
        let statistics = trainer.model.statistics.values.sorted { $0.key < $1.key }
        return (trainer.model.parameters.map(\.tensor) + statistics.map(\.value)).flatMap {
            $0.scalars.map { UInt64($0.bitPattern) }
        } + records.map(\.objective.bitPattern) + records.map { $0.validation!.loss.bitPattern }
            + records.map { $0.training.loss.bitPattern }
    }

    static func configuration(_ form: NetworkConfiguration.DigitsForm) -> NetworkConfiguration {
        var configuration = NetworkConfiguration.digits(form: form)
        for index in configuration.blocks.indices { configuration.blocks[index].dropout = 0.1 }
        return configuration
    }

    /// 50 samples in batches of 16 end with one of 2, fewer than most numbers of processes; of 9 with one of 5.
    @Test(arguments: NetworkConfiguration.DigitsForm.allCases, [16, 9])
    func hasTheBitsOfOneProcess(form: NetworkConfiguration.DigitsForm, batchSize: Int) throws {
        let data = form == .sequence ? DeterminismTests.data.asSequences : DeterminismTests.data
        let configuration = Self.configuration(form)
        let expected = try Self.bits(configuration, data: data, batchSize: batchSize, over: nil)
        for size in [1, 2, 3, 4, 8] {
            let results = try ThreadCommunicator.run(size) {
                try Self.bits(configuration, data: data, batchSize: batchSize, over: $0)
            }
            for (rank, bits) in results.enumerated() {
                #expect(bits == expected, "process \(rank) of \(size)")
            }
        }
    }
}
