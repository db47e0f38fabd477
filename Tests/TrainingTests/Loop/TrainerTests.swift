import Foundation
import Synchronization
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

@Suite struct TrainerTests {
    /// Two classes, told apart by which of two channels is bright.
    static let data: DataSet = {
        let labels = (0..<20).map { $0 % 2 }
        let samples: [[UInt8]] = [[200, 200, 200, 10, 10, 10], [20, 20, 20, 180, 180, 180]]
        return DataSet(
            sampleShape: [2, 3], bytes: labels.flatMap { samples[$0] }, labels: labels, classCount: 2)
    }()
    static let normalization = Normalization(of: data)

    func trainer(rate: Float = 0.1, augmentation: Augmentation? = nil) -> Trainer<LinearClassifier, Descent> {
        Trainer(
            LinearClassifier(channels: 2, classes: 2), optimizer: Descent(),
            schedule: LearningRateSchedule(.constant, base: rate, stepCount: 100), augmentation: augmentation,
            randomNumbers: RandomNumbers(seed: 1))
    }

    func batch(_ scalars: [Float] = [1, 0, 0, 1]) -> Batch {
        Batch(inputs: Tensor(shape: [2, 2, 1], scalars: scalars), targets: .labels([0, 1]))
    }

    /// With all weights 0 both logits are equal, so the loss is log 2 and the gradient known.
    @Test func stepsAlongTheGradient() throws {
        var trainer = trainer()
        let (loss, logits) = try trainer.step(on: batch())
        // An exponential, a sum, a logarithm, a mean: four operations, each wrong by at most ε of the result.
        #expect(abs(loss - Float(log(2.0))) <= 4 * .ulpOfOne * loss)
        #expect(logits.scalars == [1, 1, 1, 1] && !logits.isRecorded)
        // ∂loss/∂logit is (1/2 - target) / batch, the smoothed target being 0.955 or 0.045.
        let expected: [Float] = [0.02275, -0.02275, -0.02275, 0.02275]
        for (found, expected) in zip(trainer.model.weight.scalars, expected) {
            // A probability and a smoothed target of at most 1, their difference, three factors: six roundings, of
            // numbers that count at most rate / batch = 0.05.
            #expect(abs(found - expected) <= 6 * .ulpOfOne / 2 * 0.05)
        }
        #expect(trainer.model.observedCount == 1)
        #expect(trainer.stepCount == 1)
    }

    @Test func learns() throws {
        var trainer = trainer(rate: 1)
        let plan = BatchPlan(normalization: Self.normalization, trainingSize: 6)
        var progress = ProgressDisplay(.quiet) { _ in }
        var epochs: [Int] = []
        let records = try trainer.train(
            on: Self.data, epochCount: 5, plan: plan, validation: Self.data, progress: &progress
        ) {
            epochs.append($1.epoch)
            #expect($0.stepCount == 4 * $1.epoch)
            return nil
        }
        #expect(epochs == [1, 2, 3, 4, 5])
        #expect(records.map(\.sampleCount) == [20, 20, 20, 20, 20])
        #expect(records[4].objective < records[0].objective)
        #expect(records[4].validation?.accuracy == 1)
        #expect(records[4].training.sampleCount == 20)
    }

    @Test func keepsTheLastModelWithAFiniteLoss() throws {
        var trainer = trainer()
        try trainer.step(on: batch())
        let good = trainer.model
        try trainer.step(on: batch())
        #expect(
            throws: NonFiniteValueError(quantity: .objective(gradient: "weight"), value: .notANumber, step: 3)
        ) {
            try trainer.step(on: batch([.nan, 0, 0, 1]))
        }
        #expect(trainer.model.weight.scalars == good.weight.scalars)
        #expect(trainer.stepCount == 2)
    }

    @Test func namesTheParameterWhoseGradientIsNotFinite() throws {
        var model = LinearClassifier(channels: 2, classes: 2)
        model.root = Tensor(shape: [1], repeating: 0)
        var trainer = Trainer(
            model, optimizer: Descent(), schedule: LearningRateSchedule(.constant, base: 0.1, stepCount: 1),
            randomNumbers: RandomNumbers(seed: 1))
        let error = NonFiniteValueError(
            quantity: .gradient(parameter: "root"), value: .notANumber, step: 1)
        #expect(throws: error) { try trainer.step(on: batch()) }
        #expect(
            error.description
                == "expected a finite gradient of root at step 1, found not a number")
        #expect(trainer.model.weight.scalars == [0, 0, 0, 0])
    }

    @Test func takesNoStepToInfinity() throws {
        var trainer = trainer(rate: .infinity)
        #expect(
            throws: NonFiniteValueError(quantity: .parameter("weight"), value: .infinity, step: 1)
        ) {
            try trainer.step(on: batch())
        }
        #expect(trainer.model.weight.scalars == [0, 0, 0, 0])
        #expect(trainer.model.observedCount == 0)
    }

    /// A masked class has a share of each smoothed label, so its cross entropy is +infinity; without smoothing it has none.
    @Test func smoothingOfMaskedClassesEndsATraining() throws {
        var model = LinearClassifier(channels: 2, classes: 3)
        model.bias = Tensor(shape: [3], scalars: [0, 0, -.infinity])
        func trainer(smoothing: Float) -> Trainer<LinearClassifier, Descent> {
            Trainer(
                model, optimizer: Descent(), objective: TrainingObjective(labelSmoothing: smoothing),
                schedule: LearningRateSchedule(.constant, base: 0.1, stepCount: 2),
                randomNumbers: RandomNumbers(seed: 1))
        }
        var smoothed = trainer(smoothing: 0.09)
        let error = #expect(throws: NonFiniteValueError.self) { try smoothed.step(on: batch()) }
        #expect(
            error?.description
                == "expected a finite objective at step 1, found infinity")
        #expect(smoothed.stepCount == 0 && smoothed.model.weight.scalars == model.weight.scalars)

        // The objective is finite, but a parameter that is not cannot be trained.
        var plain = trainer(smoothing: 0)
        #expect(
            throws: NonFiniteValueError(quantity: .parameter("bias"), value: .negativeInfinity, step: 1)
        ) {
            try plain.step(on: batch())
        }
    }

    @Test func masksOfAllClassesAreNamed() {
        var model = LinearClassifier(channels: 2, classes: 2)
        model.bias = Tensor(shape: [2], repeating: -.infinity)
        let batches = Batches(of: Self.data, normalization: Self.normalization, batchSize: 8)
        let error = #expect(throws: NonFiniteValueError.self) { try model.evaluated(on: batches) }
        #expect(
            error?.description == "expected finite logits in evaluation, found -infinity for every class")
    }

    @Test func evaluatesFiniteLogitsOnly() {
        var model = LinearClassifier(channels: 2, classes: 2)
        model.bias = Tensor(shape: [2], scalars: [0, .infinity])
        let batches = Batches(of: Self.data, normalization: Self.normalization, batchSize: 8)
        #expect(throws: NonFiniteValueError(quantity: .logits, value: .infinity, step: nil)) {
            try model.evaluated(on: batches)
        }
    }

    /// The augmentation sees each batch, draws from the trainer's numbers, and the network sees what it makes.
    @Test func augmentsBatches() throws {
        var trainer = trainer { batch, randomNumbers in
            batch.inputs = Tensor(shape: batch.inputs.shape, repeating: randomNumbers.uniform(in: 2..<3))
        }
        try trainer.step(on: batch())
        #expect(trainer.randomNumbers != RandomNumbers(seed: 1))
        // Equal inputs, at most 3, for both classes: their gradients cancel but for roundings, six of each as above.
        let tolerance = 2 * 6 * Float.ulpOfOne / 2 * 0.05 * 3
        #expect(trainer.model.weight.scalars.allSatisfy { abs($0) <= tolerance })
    }

    @Test func addsTheTermsOfTheObjective() {
        let output = LinearClassifier.Output(
            logits: Tensor(shape: [1, 2], repeating: 0),
            kernels: [Tensor(shape: [1, 2], scalars: [1, 2]), Tensor(shape: [1, 2], scalars: [4, 6])])
        var model = LinearClassifier(channels: 1, classes: 2)
        model.weight = Tensor(shape: [2, 1], scalars: [3, 4])
        func loss(_ objective: TrainingObjective) -> Float {
            objective.value(of: output, targets: .labels([0]), model: model).scalar
        }
        // log 2; its computation and the two sums below each round once or twice, relative to the sum: 4 ε of it.
        let crossEntropy = Float(log(2.0))
        func isClose(_ found: Float, _ expected: Float) -> Bool {
            abs(found - expected) <= 4 * .ulpOfOne * expected
        }
        #expect(isClose(loss(TrainingObjective(slowNeuralWeight: 0)), crossEntropy))
        // The mean of 3² and 4² is 12.5.
        #expect(isClose(loss(TrainingObjective(slowNeuralWeight: 2)), crossEntropy + 25))
        // The weight's norm is 5.
        let penalized = TrainingObjective(slowNeuralWeight: 0, weightNormCoefficient: 2)
        #expect(isClose(loss(penalized), crossEntropy + 10))
    }
}

extension TrainerTests {
    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// Where numbers end, the file that was saved last is named, and nothing is written to it any more.
    @Test(arguments: [0, 1, 3]) func namesTheFileToGoOnFrom(goodEpochCount: Int) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Array("earlier".utf8), to: "model")
        let steps = Counter()
        // Two steps an epoch; the last one of the first bad epoch sees an infinite input.
        let badStep = 2 * goodEpochCount + 2
        var trainer = trainer { batch, _ in
            guard steps.value.add(1, ordering: .relaxed).newValue == badStep else { return }
            batch.inputs = batch.inputs * .infinity
        }
        let plan = BatchPlan(normalization: Self.normalization, trainingSize: 10)
        var progress = ProgressDisplay(.quiet) { _ in }
        let error = #expect(throws: NonFiniteValueError.self) {
            try trainer.train(on: Self.data, epochCount: 5, plan: plan, progress: &progress) {
                trainer, record in
                try folder.write(Array("epoch \(record.epoch)".utf8), to: "model")
            }
        }
        let saved = goodEpochCount > 0 ? "; the network that was saved last is in \(file)" : ""
        #expect(
            error?.description
                == "expected a finite objective and a finite gradient of weight at step \(badStep), "
                + "found not a number" + saved)
        let content = try String(contentsOfFile: file, encoding: .utf8)
        #expect(content == (goodEpochCount > 0 ? "epoch \(goodEpochCount)" : "earlier"))
        #expect(trainer.model.weight.scalars.allSatisfy { $0.isFinite })
    }
}
