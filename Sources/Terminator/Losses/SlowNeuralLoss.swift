import Runtime
import Tensors

/// What the slow neural loss compares of two kernels.
public enum SlowNeuralLossForm: String, Sendable, Codable {
    /// Every channel of the deep kernel with one of the shallow kernel, repeated over the channels.
    case tiled
    /// The kernels' sums over the channels.
    case channelSums
}

/// The slow neural loss: pulls the global hyper-kernels of shallow and deep blocks together.
///
/// The sum over all pairs of kernels, shallow before deep, of their mean squared difference (arXiv 2401.17948,
/// section 3.5). A scalar, to be weighted by the caller; zero for less than two kernels.
///
/// - Parameters:
///   - kernels: `[C, *S]` each, with equal extents; for ``SlowNeuralLossForm/tiled`` each number of channels is a
///     multiple of those before.
///   - form: what is compared.
public func slowNeuralLoss(kernels: [Tensor], form: SlowNeuralLossForm = .tiled) -> Tensor {
    let compared = form == .tiled ? kernels : kernels.map { $0.sum(overAxes: [0]) }
    var loss = Tensor(0)
    for (index, deep) in compared.enumerated() {
        for shallow in compared[..<index] {
            loss = loss + meanSquaredDifference(shallow: shallow, deep: deep)
        }
    }
    return loss
}

private func meanSquaredDifference(shallow: Tensor, deep: Tensor) -> Tensor {
    let extents = shallow.shape
    let times = deep.count / max(1, shallow.count)
    require(
        deep.rank == extents.count && deep.shape.dropFirst() == extents.dropFirst()
            && deep.count == times * shallow.count,
        "expected a kernel with a multiple of the channels of \(extents), got \(deep.shape)")
    return (deep.reshaped(to: [times] + extents) - shallow).squared().mean()
}
