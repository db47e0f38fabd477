import Tensors
import Terminator

/// What training needs of a network: logits, global hyper-kernels, and running statistics if it keeps any.
public protocol Classifier: Module {
    /// What the network says of a batch.
    associatedtype Output: ClassifierOutput

    /// Reads a batch `[B, C, *S]` in training; what is dropped is drawn from `randomNumbers`.
    func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output

    /// Reads a batch `[B, C, *S]` in evaluation.
    func callAsFunction(_ input: Tensor) -> Output

    /// Takes in what a training pass observed of its batch.
    mutating func updateStatistics(from output: Output)

    /// The sum of the norms of the weights that training keeps small, times `coefficient`: a scalar.
    func weightNormPenalty(coefficient: Float) -> Tensor
}

/// What a classifier says of a batch.
public protocol ClassifierOutput: Sendable {
    /// `[B, classes]`, `[B, classes, *S]` where each position has an answer, `[B, 1]` where a number is asked for.
    var logits: Tensor { get }
    /// The global hyper-kernel of each block, `[C, *S]`, for the slow neural loss.
    var kernels: [Tensor] { get }
}

extension Network: Classifier {
    /// The authors' penalty; see `weightNormPenalty(of:coefficient:)`.
    public func weightNormPenalty(coefficient: Float) -> Tensor {
        Terminator.weightNormPenalty(of: parametersByPath, coefficient: coefficient)
    }
}
extension Network.Output: ClassifierOutput {}
