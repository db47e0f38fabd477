import Tensors

/// The authors' penalty: coefficient · (Σ_fast ‖p‖ + 10⁻⁶ · Σ_slow ‖p‖).
///
/// ‖p‖ is the norm of a whole tensor, not squared, with gradient 0 at p = 0. The fast parameters are mixers,
/// bottlenecks and the local branches' offsets; the slow ones are the weights of slow nets and gated units. The slow
/// nets over channels, the blocks' offsets, the classifier and the biases of slow parameters are not penalized.
///
/// - Parameters:
///   - parameters: a network's parameters with their paths; recorded ones inside `valueAndGradient`.
///   - coefficient: the factor of both sums.
/// - Returns: a scalar.
public func weightNormPenalty(
    of parameters: [(path: NetworkPath, tensor: Tensor)], coefficient: Float = 5e-5
) -> Tensor {
    var sum = Tensor(0)
    for (path, tensor) in parameters {
        if let weight = path.penaltyWeight { sum = sum + weight * tensor.norm() }
    }
    return coefficient * sum
}

extension NetworkPath {
    /// The factor of the parameter's norm in the penalty; `nil` for what does not count.
    fileprivate var penaltyWeight: Float? {
        switch self {
        case .blocks(_, let path): path.penaltyWeight
        case .classifier: nil
        }
    }
}

extension BlockPath {
    private static let slowWeight: Float = 1e-6

    fileprivate var penaltyWeight: Float? {
        switch self {
        case .bottleneck, .channelMixer, .localBranches: 1
        case .globalSlowNet, .localSlowNets, .hyperInteraction(.spatialSlowNet), .activationRGU, .kernelRGU:
            isWeight ? Self.slowWeight : nil
        case .channelInteraction, .hyperInteraction(.channelSlowNet), .offset: nil
        }
    }
}
