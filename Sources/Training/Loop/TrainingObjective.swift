import Runtime
import Tensors
import Terminator

/// The function that training minimizes: label-smoothed cross entropy of classes or the mean squared error of numbers, slow
/// neural loss and a penalty of large weights.
public struct TrainingObjective: Codable, Equatable, Sendable {
    /// The share of each label's probability that is spread over all classes, in 0 ..< 1.
    public var labelSmoothing: Float
    /// The weight of the slow neural loss, which pulls the kernels of shallow and deep blocks together.
    public var slowNeuralWeight: Float
    /// The coefficient of the norms of the weights; 0 leaves them out.
    public var weightNormCoefficient: Float

    /// An objective; the default smoothing is that of the authors' code.
    public init(labelSmoothing: Float = 0.09, slowNeuralWeight: Float = 1, weightNormCoefficient: Float = 0) {
        require(
            0..<1 ~= labelSmoothing && slowNeuralWeight >= 0 && weightNormCoefficient >= 0,
            "expected a smoothing from 0 to below 1 and weights of at least 0, got \(labelSmoothing), "
                + "\(slowNeuralWeight) and \(weightNormCoefficient)")
        self.labelSmoothing = labelSmoothing
        self.slowNeuralWeight = slowNeuralWeight
        self.weightNormCoefficient = weightNormCoefficient
    }

    /// The objective of the outputs of `model` for samples with the given targets: a scalar.
    public func value<Model: Classifier>(of output: Model.Output, targets: Targets, model: Model) -> Tensor {
        var value =
            switch targets {
            case .labels(let labels): output.logits.crossEntropy(labels: labels, smoothing: labelSmoothing)
            case .numbers(let numbers): output.logits.meanSquaredError(numbers: numbers)
            }
        if slowNeuralWeight > 0, output.kernels.count > 1 {
            value = value + slowNeuralWeight * slowNeuralLoss(kernels: output.kernels)
        }
        if weightNormCoefficient > 0 {
            value = value + model.weightNormPenalty(coefficient: weightNormCoefficient)
        }
        return value
    }
}

extension Tensor {
    /// The mean squared difference of outputs `[B, 1]` and the numbers of as many samples: a scalar.
    func meanSquaredError(numbers: [Float]) -> Tensor {
        require(
            shape == [numbers.count, 1], "expected outputs of shape \([numbers.count, 1]), got \(shape)")
        return (self - Tensor(shape: shape, scalars: numbers)).squared().mean()
    }
}
