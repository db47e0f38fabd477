import Tensors

/// Running averages of the training batches' statistics, by name, which evaluation uses in place of its batch's own.
public struct RunningStatistics: Sendable {
    /// The averages so far.
    public private(set) var values: [String: Tensor]
    /// The number of batches that were averaged.
    public private(set) var batchCount: Int

    /// Statistics of no batch yet, or restored ones.
    public init(values: [String: Tensor] = [:], batchCount: Int = 0) {
        self.values = values
        self.batchCount = batchCount
    }

    /// Adds one batch's statistics.
    ///
    /// The batch has the weight `momentum`, or 1 / (number of batches) while that is larger: the first averages weigh
    /// all batches equally and need no bias correction.
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
