/// The results of one epoch.
public struct EpochRecord: Sendable {
    /// The number of the epoch, from 1.
    public let epoch: Int
    /// The number of training samples.
    public let sampleCount: Int
    /// The mean of the objective, which is minimized.
    public let objective: Double
    /// The metrics of each batch before its step.
    public let training: Metrics
    /// The metrics on the validation data after the epoch, if there are any.
    public let validation: Metrics?
    /// The duration of the training steps, without validation.
    public let seconds: Double
}
