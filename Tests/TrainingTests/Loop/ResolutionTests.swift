import Foundation
import Tensors
import Terminator
import Testing

@testable import Training

/// A network that was trained at one resolution reads the same images at twice that resolution.
@Suite struct ResolutionTests {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        + "/Examples/Sources/Digits/Data"

    @Test(arguments: [
        (NetworkConfiguration.DigitsForm.sequence, SlowNetKind.magnet), (.image, .magnet),
        (.image, .hashGrid), (.sequence, .diagonalStateSpace),
    ])
    func readsFinerImages(form: NetworkConfiguration.DigitsForm, kind: SlowNetKind) throws {
        func data(_ part: DataSet.Part) throws -> DataSet {
            let images = try DataSet(part, folder: Self.folder, classCount: 10)
            return form == .image ? images : images.asSequences
        }
        let (training, test) = (try data(.training), try data(.test))
        var configuration = NetworkConfiguration.digits(form: form)
        configuration.globalSlowNet = kind
        var randomNumbers = RandomNumbers(seed: 1)
        let plan = BatchPlan(normalization: Normalization(of: training), trainingSize: 64)
        let stepCount = 4 * plan.stepCount(for: training)
        var trainer = Trainer(
            Network(configuration, using: &randomNumbers), optimizer: Kar.kar3(),
            schedule: LearningRateSchedule(
                .warmUpThenCosine, base: 0.001, warmUpStepCount: stepCount / 20, stepCount: stepCount),
            randomNumbers: randomNumbers)
        var progress = ProgressDisplay(.quiet) { _ in }
        try trainer.train(on: training, epochCount: 4, plan: plan, progress: &progress)

        func accuracy(extents: [Int]) -> Double {
            var metrics = ClassificationMetrics(classCount: 10)
            for batch in plan.evaluationBatches(of: test) {
                let inputs = batch.inputs.resampled(to: extents)
                guard case .labels(let labels) = batch.targets else { continue }
                metrics.add(logits: trainer.model(inputs).logits, labels: labels)
            }
            return metrics.accuracy
        }
        let trained = accuracy(extents: configuration.extents)
        // Every second sample in common, and twice as many.
        let finer = accuracy(extents: configuration.extents.map { 2 * $0 - 1 })
        let twice = accuracy(extents: configuration.extents.map { 2 * $0 })
        print("\(form), \(kind): \(trained) as trained, \(finer) and \(twice) at twice the resolution")
        // One of ten classes, guessed, is 0.1. Twelve percent are six deviations of what 360 samples leave to chance;
        // with kernels or sums that do not follow the resolution it is thirty and more.
        #expect(trained > 0.8)
        #expect(finer > trained - 0.12 && twice > trained - 0.12)
    }
}
