import Tensors

@testable import Training

/// Logits that depend linearly on the spatial means of a sample's channels: the smallest network there is.
struct LinearClassifier: Classifier {
    var weight: Tensor
    var bias: Tensor
    /// Added to every logit; its pullback is infinite at 0.
    var root = Tensor(shape: [1], repeating: 1)
    /// The number of batches of training it took in.
    var observedCount = 0

    struct Output: ClassifierOutput {
        let logits: Tensor
        var kernels: [Tensor] = []
        var detached: Output { Output(logits: logits.detached, kernels: kernels.map(\.detached)) }
    }

    init(channels: Int, classes: Int) {
        weight = Tensor(shape: [classes, channels], repeating: 0)
        bias = Tensor(shape: [classes], repeating: 0)
    }

    func callAsFunction(_ input: Tensor, dropout randomNumbers: inout RandomNumbers) -> Output { self(input) }

    func callAsFunction(_ input: Tensor) -> Output {
        let means = input.mean(overAxes: Array(2..<input.rank))
        return Output(logits: means.pointwise(weight: weight, bias: bias) + root.squareRoot())
    }

    mutating func updateStatistics(from output: Output) { observedCount += 1 }

    func weightNormPenalty(coefficient: Float) -> Tensor { coefficient * weight.norm() }

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("weight", &weight)
        try body("bias", &bias)
        try body("root", &root)
    }
}

/// Plain descent along the gradient.
struct Descent: Optimizer {
    mutating func update<Model: Module>(_ model: inout Model, along gradient: Gradient, rate: Float) {
        model.forEachParameter { $1 = $1 - rate * gradient[$0] }
    }

    mutating func forEachState(_ body: (String, inout Tensor) throws -> Void) rethrows {}
}
