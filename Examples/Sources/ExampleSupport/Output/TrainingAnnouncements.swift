import Terminator
import Training

// What a training says of itself.
extension OutputOptions {
    func announceEnd(
        _ trainer: Trainer<Network, Kar>, steps: Int, seconds: Double, history: TrainingHistory,
        settings: TrainingSettings
    ) {
        var text = "training      \(durationText(seconds)), \(steps) steps"
        if trainer.epochCount < settings.epochCount {
            text += ", ended after epoch \(trainer.epochCount) for lack of progress"
        }
        var fields: [String: JSONScalar] = ["seconds": .number(seconds), "steps": .integer(steps)]
        if settings.selection != nil, let best = history.bestEpoch {
            fields["bestEpoch"] = .integer(best)
            text += "\nbest epoch    \(best)"
        }
        announce("trained", fields, text: text)
    }

    func announceStart(
        _ trainer: Trainer<Network, Kar>, data: DataSet, validation: DataSet?, isResumed: Bool
    ) {
        let network = trainer.model
        announce(
            "start",
            [
                "parameters": .integer(network.parameterCount),
                "slowParameters": .integer(network.slowParameterCount),
                "samples": .integer(data.count), "validationSamples": .integer(validation?.count ?? 0),
                "step": .integer(trainer.stepCount),
            ],
            text: """
                parameters    \(network.parameterCount), \(network.slowParameterCount) of them in slow nets
                samples       \(data.count) to train on, \(validation?.count ?? 0) to validate on
                """)
        if isResumed, !json { say("resumed       after step \(trainer.stepCount)") }
    }
}

extension EpochRecord {
    /// The record in a line of JSON.
    var fields: [String: JSONScalar] {
        var fields: [String: JSONScalar] = [
            "epoch": .integer(epoch), "objective": .number(objective), "loss": .number(training.loss),
            "samples": .integer(sampleCount), "seconds": .number(seconds),
        ]
        fields["accuracy"] = training.accuracy.map { .number($0) }
        if let validation {
            fields["validationLoss"] = .number(validation.loss)
            fields["validationAccuracy"] = validation.accuracy.map { .number($0) }
        }
        return fields
    }
}
