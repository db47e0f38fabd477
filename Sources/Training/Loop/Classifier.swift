import Tensors
import Terminator

/// A network that can be trained: logits, global hyper-kernels, running statistics and a penalty of its weights.
public protocol Classifier: Module {
    /// The result of a forward pass.
    associatedtype Output: ClassifierOutput

    /// The forward pass of a batch `[B, C, *S]` in training mode; `randomNumbers` draws the dropout.
    func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output

    /// The forward pass of a batch `[B, C, *S]` in evaluation mode.
    func callAsFunction(_ input: Tensor) -> Output

    /// Updates the running statistics with those that a forward pass in training observed.
    mutating func updateStatistics(from output: Output)

    /// The penalty of the weights' norms, times `coefficient`: a scalar.
    func weightNormPenalty(coefficient: Float) -> Tensor
}

/// The result of a classifier's forward pass.
public protocol ClassifierOutput: Sendable {
    /// `[B, classes]`, `[B, classes, *S]` for positions, `[B, 1]` for regression.
    var logits: Tensor { get }
    /// The global hyper-kernel of each block, `[C, *S]`, for the slow neural loss.
    var kernels: [Tensor] { get }
    /// The same values as constants, which retain nothing that they were computed from.
    var detached: Self { get }
}

extension Network: Classifier {
    /// The authors' penalty; see `weightNormPenalty(of:coefficient:)`.
    public func weightNormPenalty(coefficient: Float) -> Tensor {
        Terminator.weightNormPenalty(of: parametersByPath, coefficient: coefficient)
    }
}
extension Network.Output: ClassifierOutput {}
