import Tensors
import Terminator
import Testing
import TestSupport

@testable import Training

/// Trainings whose batches are distributed have the bits of one process, whatever the number of processes.
@Suite(.serialized) struct DistributedTrainingTests {
    /// Parameters, running statistics, objectives and validation losses after two epochs, as bits.
    static func bits(
        _ configuration: NetworkConfiguration, data: DataSet, batchSize: Int, epochCount: Int = 2,
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
                $0.eraseAtRandom(0.1, using: &$1)
            }, randomNumbers: randomNumbers)
        var progress = ProgressDisplay(.quiet) { _ in }
        let plan = BatchPlan(
            normalization: Normalization(of: data), trainingSize: batchSize, evaluationSize: 7,
            processes: processes)
        let records = try trainer.train(
            on: data, epochCount: epochCount, plan: plan, validation: data, progress: &progress)
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

    /// Five steps with the options of every preset, in a network of the digits' size.
    @Test(arguments: NetworkPreset.allCases) func everyPresetHasTheBitsOfOneProcess(preset: NetworkPreset)
        throws
    {
        var configuration = preset.configuration
        let isSequence = configuration.extents.count == 1
        let digits = NetworkConfiguration.digits(form: isSequence ? .sequence : .image)
        configuration.blocks = digits.blocks
        configuration.extents = digits.extents
        configuration.inputChannels = 1
        configuration.classCount = 10
        configuration.readout = .pooled
        let data = isSequence ? DeterminismTests.data.asSequences : DeterminismTests.data
        let valid = configuration
        try valid.validate()
        let expected = try Self.bits(valid, data: data, batchSize: 11, epochCount: 1, over: nil)
        let results = try ThreadCommunicator.run(3) {
            try Self.bits(valid, data: data, batchSize: 11, epochCount: 1, over: $0)
        }
        for (rank, bits) in results.enumerated() { #expect(bits == expected, "process \(rank)") }
    }

    /// Sums over every small batch, and what is gathered of it, for every number of processes.
    @Test(arguments: 1...9) func sumsHaveTheBitsOfOneProcess(size: Int) throws {
        var random = seededNumbers(5)
        for count in 1...20 {
            let samples = random.tensor([count, 3, 5])
            let expected = [samples.sum(overAxes: [0]), samples.mean(), samples.sum(overAxes: [0, 2])]
            let results = try ThreadCommunicator.run(size) { communicator in
                let partition = BatchPartition(of: count, over: communicator)
                let own = samples.slice(alongAxis: 0, partition.samples).distributed(in: partition)
                return [
                    own.sum(overAxes: [0]), own.mean(), own.sum(overAxes: [0, 2]), partition.gathered(own),
                ]
            }
            for result in results {
                #expect(result.map(\.scalars) == (expected + [samples]).map(\.scalars), "\(count) samples")
            }
        }
    }

    /// What processes begin with is compared, and the first difference named on all of them.
    @Test func namesWhatDiffers() throws {
        let data = DeterminismTests.data
        func error(seed: @escaping @Sendable (Int) -> UInt64, batchSize: @escaping @Sendable (Int) -> Int)
            throws
            -> [TrainingDisagreementError?]
        {
            try ThreadCommunicator.run(3) { communicator in
                let configuration = NetworkConfiguration.digits(form: .image)
                var randomNumbers = RandomNumbers(seed: seed(communicator.rank))
                let schedule = LearningRateSchedule(.constant, base: 0.001, stepCount: 8)
                let trainer = Trainer(
                    Network(configuration, using: &randomNumbers), optimizer: Kar.kar3(), schedule: schedule,
                    randomNumbers: randomNumbers)
                let settings = TrainingSettings(
                    network: configuration, data: DataSummary(of: data),
                    batchSize: batchSize(communicator.rank),
                    epochCount: 1, schedule: schedule, seed: seed(communicator.rank))
                do throws(TrainingDisagreementError) {
                    try TrainingAgreement(trainer, settings: settings, instructionSet: "any").check(
                        over: communicator)
                    return nil
                } catch {
                    return error
                }
            }
        }
        #expect(try error(seed: { _ in 1 }, batchSize: { _ in 4 }) == [nil, nil, nil])
        for found in try error(seed: { $0 == 2 ? 7 : 1 }, batchSize: { _ in 4 }) {
            #expect(found?.process == 2 && found?.difference.field == "seed")
            #expect(found?.description == "process 2 differs from process 0 in seed: expected 1, found 7")
        }
        for found in try error(seed: { _ in 1 }, batchSize: { $0 == 1 ? 5 : 4 }) {
            #expect(found?.process == 1 && found?.difference.field == "batchSize")
        }
    }
}
