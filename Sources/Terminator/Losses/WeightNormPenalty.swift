import Tensors

/// The authors' penalty: coefficient · (Σ_fast ‖p‖ + 10⁻⁶ · Σ_slow ‖p‖).
///
/// ‖p‖ is the norm of a whole tensor, not squared, with gradient 0 where it is 0. Fast are mixers, bottlenecks and the
/// local branches' offsets; slow are the weights of slow nets and gated units. The slow nets over channels, the
/// blocks' offsets, the classifier and the biases of what is slow do not count.
///
/// - Parameters:
///   - parameters: a network's parameters with their names; recorded ones inside `valueAndGradient`.
///   - coefficient: the factor of both sums.
/// - Returns: a scalar.
public func weightNormPenalty(
    of parameters: [(name: String, tensor: Tensor)], coefficient: Float = 5e-5
) -> Tensor {
    var sum = Tensor(0)
    for (name, tensor) in parameters {
        if let weight = penaltyWeight(ofParameterNamed: name) { sum = sum + weight * tensor.norm() }
    }
    return coefficient * sum
}

private func penaltyWeight(ofParameterNamed name: String) -> Float? {
    guard let group = ParameterGroup(ofParameterNamed: name) else { return nil }
    switch group {
    case .bottlenecks, .channelMixers, .localMixers: return 1
    case .offsets: return name.contains(".localBranches.") ? 1 : nil
    case .globalSlowNets, .localGenerators, .localContext, .hyperInteractionOverSpace, .gatedUnits:
        return name.hasSuffix(".weight") ? 1e-6 : nil
    case .channelInteraction, .hyperInteractionOverChannels, .classifier: return nil
    }
}
