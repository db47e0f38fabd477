import Runtime
import Tensors

/// How close outputs come to numbers, summed up over batches.
public struct RegressionMetrics: Equatable, Sendable, Codable {
    /// The number of samples.
    public private(set) var sampleCount = 0
    private var squareSum = 0.0

    /// Metrics of no samples yet.
    public init() {}

    /// The mean of the squared differences.
    public var meanSquaredError: Double { squareSum / Double(sampleCount) }

    /// Takes in the outputs `[B, 1]` for samples whose answers are `numbers`.
    public mutating func add(outputs: Tensor, numbers: [Float]) {
        require(
            outputs.shape == [numbers.count, 1],
            "expected outputs of shape \([numbers.count, 1]), got \(outputs.shape)")
        outputs.withScalars { outputs in
            for (output, number) in zip(outputs, numbers) {
                let difference = Double(output) - Double(number)
                squareSum += difference * difference
            }
        }
        sampleCount += numbers.count
    }
}
