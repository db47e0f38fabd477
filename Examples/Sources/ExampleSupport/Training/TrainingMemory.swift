import Convolution
import Foundation
import Tensors
import Terminator
import Training

/// The number of samples in a batch of an evaluation.
let evaluationBatchSize = 128

/// An estimate of the peak resident memory of a training, from small trials: steps and an evaluation.
///
/// A trial scales both batches down by the same factor, to b/k and 128/k samples. Two trials, one with twice the samples,
/// give the memory `P(k) = a + c/k`, where `a` is that of parameters, gradients and the optimizer's state and `c` that of
/// values for each sample; a training takes `P(1) = P(k) + (k - 1)(P(k/2) - P(k))`.
///
/// - Counted: what a step and an evaluation take from the memory pool, which keeps what is freed for arrays of about the
///   same size, so that those of an evaluation, and of the last batches, which have fewer samples, come on top where
///   their sizes differ; the program, its plans and threads.
/// - Not counted: the data set; last batches of data whose size is not known before it is read, or of `--validation`;
///   what the pool frees to make room for other sizes.
struct TrainingMemory {
    /// One of the two trials.
    enum Trial: Int {
        case smaller = 1
        case larger = 2
    }

    private let network: Network
    private let batchSize: Int
    private let sampleCounts: SampleCounts?
    /// k of the smaller trial: how many times as large the batches of a training are.
    private let factor: Double
    /// The samples that the smaller trial trains on, if the training has at least half of k; otherwise `nil`.
    private let scaledSamples: Int?

    init(of network: Network, batchSize: Int, sampleCounts: SampleCounts?) {
        self.network = network
        self.batchSize = batchSize
        self.sampleCounts = sampleCounts
        let samples = Double(max(batchSize, evaluationBatchSize))
        let affordable = largestTrial / (2 * network.roughBytesPerSample)
        let smallestFactor = samples / max(1, min(mostSamples, affordable))
        // The pool rounds arrays up to 4, 5, 6 or 7 times a power of two bytes: those scaled by a power of two alike.
        let scale = exp2(log2(smallestFactor).rounded(.up))
        let scaled = (Double(batchSize) / scale).rounded()
        scaledSamples = scaled < 1 ? nil : Int(scaled)
        factor = scaled < 1 ? scale : Double(batchSize) / scaled
    }

    /// The samples that a trial trains on.
    func trainingSamples(in trial: Trial) -> Int { scaledSamples.map { $0 * trial.rawValue } ?? 1 }

    /// The samples that a trial evaluates.
    private func evaluationSamples(in trial: Trial) -> Int {
        scaled(evaluationBatchSize, in: .smaller) * trial.rawValue
    }

    /// The size that a batch of `samples` has in a trial.
    private func scaled(_ samples: Int, in trial: Trial) -> Int {
        max(1, Int((Double(samples) / factor * Double(trial.rawValue)).rounded()))
    }

    /// The sizes of a full batch, and of the last one of `count` samples in batches of `size` where that has fewer.
    private func batches(
        full: Int, last count: Int?, size: Int, in trial: Trial
    ) -> [Int] {
        guard let count, count > size, count % size > 0 else { return [full] }
        return [full, scaled(count % size, in: trial)]
    }

    /// Whether the trials fit into the memory of the machine: a process that needs more would be ended.
    var canBeTried: Bool {
        let samples = trainingSamples(in: .larger) + evaluationSamples(in: .larger)
        // At first the pool keeps three quarters of the memory that the process may use.
        return network.roughBytes(samples: Double(samples)) < 4.0 / 3 * Double(Memory.poolLimit)
    }

    /// The bytes that a training takes, roughly, without trying.
    var roughEstimate: Int { wholeBytes(network.roughBytes(samples: Double(batchSize))) }

    /// The bytes that a training takes, from both trials.
    func estimate() -> Int {
        let limit = Memory.poolLimit
        // What a trial took is in the pool afterwards, as long as that keeps everything.
        Memory.poolLimit = .max
        defer { Memory.poolLimit = limit }
        // Plans are made in the first trial, with memory of the pool, so the smaller one runs once more.
        _ = pooledBytes(of: .smaller)
        let larger = pooledBytes(of: .larger)
        let others = max(0, peakMemory() - larger)
        let smaller = pooledBytes(of: .smaller)
        return wholeBytes(
            Double(others) + Double(smaller) + (factor - 1) * Double(max(0, larger - smaller)))
    }

    /// The bytes that a trial leaves in an empty pool.
    private func pooledBytes(of trial: Trial) -> Int {
        Memory.releasePool()
        // Random inputs give finite values; where they do not, the memory has been taken all the same.
        try? run(trial)
        return Memory.pooledByteCount
    }

    private func run(_ trial: Trial) throws {
        var randomNumbers = RandomNumbers(seed: 1)
        let training = batches(
            full: trainingSamples(in: trial), last: sampleCounts?.training, size: batchSize, in: trial)
        let evaluation = batches(
            full: evaluationSamples(in: trial), last: sampleCounts?.test, size: evaluationBatchSize,
            in: trial)
        let trained = try train(on: training, using: &randomNumbers)
        for size in evaluation { _ = try trained.logits(of: batch(of: size, using: &randomNumbers)) }
    }

    /// The network after two steps with batches of each size: in all but the first the network before the step is kept
    /// too.
    private func train(on sizes: [Int], using randomNumbers: inout RandomNumbers) throws -> Network {
        var trainer = Trainer(
            network, optimizer: Kar.kar3(), schedule: LearningRateSchedule(.constant, base: 0, stepCount: 4),
            randomNumbers: randomNumbers)
        for size in sizes {
            for _ in 0..<2 { try trainer.step(on: batch(of: size, using: &randomNumbers)) }
        }
        return trainer.model
    }

    private func batch(of samples: Int, using randomNumbers: inout RandomNumbers) -> Batch {
        let configuration = network.configuration
        let shape = [samples, configuration.inputChannels] + configuration.extents
        let positions = configuration.readout == .pooled ? 1 : configuration.extents.reduce(1, *)
        return Batch(
            inputs: Tensor(shape: shape, normalWithDeviation: 1, using: &randomNumbers),
            targets: .labels(Array(repeating: 0, count: samples * positions)))
    }
}

/// The most samples of a training's or an evaluation's batch in the smaller trial.
private let mostSamples = 16.0
/// The bytes that the larger trial takes at most, roughly, if one sample does not take more: half a second of work.
private let largestTrial = 512.0 * 1024 * 1024

/// The whole number of bytes; the largest number stands for all that are larger.
private func wholeBytes(_ bytes: Double) -> Int { Int(exactly: bytes.rounded()) ?? .max }

extension Network {
    /// The bytes that a sample takes in a step, roughly: networks for digits with 16384 to 131072 positions took 75
    /// numbers for each channel, position and sample.
    fileprivate var roughBytesPerSample: Double {
        let positions = configuration.extents.reduce(1.0) { $0 * Double($1) }
        let channels = configuration.blocks.reduce(0.0) { $0 + Double($1.channels) }
        return 4 * 75 * channels * positions
    }

    /// The bytes that a step takes, roughly. Parameters have a gradient and the optimizer's state.
    fileprivate func roughBytes(samples: Double) -> Double {
        samples * roughBytesPerSample + 4 * 3 * Double(parameterCount)
    }
}
