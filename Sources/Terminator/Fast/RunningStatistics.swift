import Tensors

/// Averages over the batches of training, by name: what an evaluation uses in place of its own batch's statistics.
public struct RunningStatistics: Sendable {
    /// The averages so far.
    public private(set) var values: [String: Tensor]
    /// The number of batches that were averaged.
    public private(set) var batchCount: Int

    /// No batch yet, or what was saved before.
    public init(values: [String: Tensor] = [:], batchCount: Int = 0) {
        self.values = values
        self.batchCount = batchCount
    }

    /// Takes one batch's statistics in.
    ///
    /// The batch weighs `momentum`, or 1 / (number of batches) while that is more: at first the average is over all
    /// batches alike and needs no correction for its start.
    public mutating func add(_ observed: [String: Tensor], momentum: Float) {
        guard !observed.isEmpty else { return }
        batchCount += 1
        let weight = max(momentum, 1 / Float(batchCount))
        for (name, value) in observed {
            if let average = values[name] {
                values[name] = average + weight * (value - average)
            } else {
                values[name] = value
            }
        }
    }
}
