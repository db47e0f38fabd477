/// The normalization and batch sizes of a training.
public struct BatchPlan: Sendable {
    /// The normalization of inputs.
    public var normalization: Normalization
    /// The number of samples in a batch, in training.
    public var trainingSize: Int
    /// The number of samples in a batch, in evaluation.
    public var evaluationSize: Int
    /// The processes over which batches are distributed, if they are.
    public var processes: (any Communicator)?

    /// A plan from its parts.
    public init(
        normalization: Normalization, trainingSize: Int, evaluationSize: Int = 128,
        processes: (any Communicator)? = nil
    ) {
        self.normalization = normalization
        self.trainingSize = trainingSize
        self.evaluationSize = evaluationSize
        self.processes = processes
    }

    /// The batches of `data` for evaluation, in the data's own order.
    public func evaluationBatches(of data: DataSet) -> Batches {
        Batches(of: data, normalization: normalization, batchSize: evaluationSize)
    }

    /// The number of training steps in one pass over `data`.
    public func stepCount(for data: DataSet) -> Int { Batches.count(of: trainingSize, for: data.count) }
}
