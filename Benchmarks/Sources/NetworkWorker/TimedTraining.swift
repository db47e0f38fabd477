import Foundation
import Measurement
import Tensors
import Terminator
import Training

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The training of a network of random parameters on one random batch.
struct TimedTraining {
    private var trainer: Trainer<Network, Kar>
    private let batch: Batch

    /// - Parameter weightNormCoefficient: the coefficient of the penalty of large weights.
    init(preset: NetworkPreset, batchSize: Int, weightNormCoefficient: Float) {
        var randomNumbers = RandomNumbers(seed: 1)
        let configuration = preset.configuration
        let network = Network(configuration, using: &randomNumbers)
        let shape = [batchSize, configuration.inputChannels] + configuration.extents
        batch = Batch(
            inputs: Tensor(shape: shape, normalWithDeviation: 1, using: &randomNumbers),
            targets: .labels((0..<batchSize).map { $0 % configuration.classCount }))
        trainer = Trainer(
            network, optimizer: .kar3(),
            objective: TrainingObjective(weightNormCoefficient: weightNormCoefficient),
            schedule: LearningRateSchedule(.constant, base: 1e-5, stepCount: .max),
            randomNumbers: randomNumbers)
    }

    var configuration: NetworkConfiguration { trainer.model.configuration }
    var parameterCount: Int { trainer.model.parameterCount }

    /// Writes `parameters`, `batch` and `gradient`, Safetensors files each, and answers the loss. Without dropout, as
    /// others draw other random numbers.
    func writeGradient(to directory: String) throws -> Float {
        guard case .labels(let labels) = batch.targets else {
            preconditionFailure("expected labels, got numbers")
        }
        let (loss, gradient) = valueAndGradient(at: trainer.model) { model in
            trainer.objective.value(of: model(batch.inputs), targets: batch.targets, model: model)
        }
        try trainer.model.saveParameters(to: directory + "/parameters.safetensors")
        try Safetensors.write(
            [(name: "inputs", tensor: batch.inputs)],
            integers: [(name: "labels", values: labels.map(Int32.init))],
            to: directory + "/batch.safetensors")
        try Safetensors.write(
            trainer.model.parameters.map { (name: $0.name, tensor: gradient[$0.name]) },
            to: directory + "/gradient.safetensors")
        return loss.scalar
    }

    /// The times of a step in milliseconds: the median by the clock, and the mean on processors.
    mutating func times(ofSteps count: Int) throws -> (wall: Double, processor: Double) {
        let clock = ContinuousClock()
        let start = processorMilliseconds()
        var times: [Double] = []
        for _ in 0..<count {
            times.append(try clock.measure { try trainer.step(on: batch) } / .milliseconds(1))
        }
        return (median(times), (processorMilliseconds() - start) / Double(count))
    }
}

/// The time that all threads of this process have spent on a processor, the system's part included.
private func processorMilliseconds() -> Double {
    var usage = rusage()
    #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    #else
    let thisProcess: Int32 = 0
    getrusage(thisProcess, &usage)
    #endif
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
}

private func milliseconds(_ time: timeval) -> Double {
    Double(time.tv_sec) * 1e3 + Double(time.tv_usec) / 1e3
}
