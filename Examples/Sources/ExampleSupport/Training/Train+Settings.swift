import Terminator
import Training

// What the command line, a model to start from and a checkpoint say of a training.
extension Train {
    /// The configuration that the command line asks for, which has to be that of the network to start from.
    func configuration(startingFrom start: TrainedNetwork?) throws -> NetworkConfiguration {
        let found = start?.network.configuration
        var expected =
            if let found, !network.areGiven { found } else {
                try network.configuration(standard: B.defaults.preset)
            }
        try B.adapt(&expected, to: trainingData)
        try expected.validate()
        if let found, let difference = expected.differences(from: found).first {
            throw ExampleError("\(from ?? ""): its network has another configuration: \(difference)")
        }
        return expected
    }

    /// The settings of this training; a training that is resumed keeps its number of epochs, its rate and its normalization
    /// where the command line does not say otherwise.
    func settings(
        _ configuration: NetworkConfiguration, for data: DataSet, from start: TrainedNetwork?,
        resuming stored: TrainingSettings?
    ) -> TrainingSettings {
        let epochs = self.epochs ?? stored?.epochCount ?? B.defaults.epochs
        let rate = self.rate ?? stored?.schedule.base ?? B.defaults.rate
        let stepCount = epochs * ((data.count + batchSize - 1) / batchSize)
        return TrainingSettings(
            network: configuration, data: DataSummary(of: data), batchSize: batchSize, epochCount: epochs,
            schedule: LearningRateSchedule(
                .warmUpThenCosine, base: rate, warmUpStepCount: stepCount / 20, stepCount: stepCount),
            objective: B.defaults.objective, erasedShare: erase, seed: seed,
            normalization: stored?.normalization ?? start?.normalization,
            selection: selection.modelSelection, record: B.record(for: configuration))
    }

    /// The benchmark's augmentation, and the erasing that the settings ask for.
    func augmentation(for settings: TrainingSettings) -> Augmentation? {
        guard let share = settings.erasedShare else { return B.augmentation }
        return { batch, randomNumbers in
            B.augmentation?(&batch, &randomNumbers)
            batch.eraseAtRandom(share, using: &randomNumbers)
        }
    }
}
