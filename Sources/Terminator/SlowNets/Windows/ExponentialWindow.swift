import Foundation
import Tensors

/// Hyena's window: exp(-|decay| t) + shift, t the distance from lag 0, with a decay for each channel.
///
/// In two dimensions t is the sum over the axes.
///
/// Source: M. Poli et al., *Hyena Hierarchy*, arXiv 2302.10866, appendix D.3.
public struct ExponentialWindow: KernelWindowFunction {
    /// `[C]`: the decays, for a kernel's whole length (half of it, if centred).
    public var decays: Tensor
    /// What is added to the exponential, so that the far end of a kernel is not lost.
    public let shift: Float

    /// A window for `channels` channels whose decays start evenly spaced from the slow one to the fast one.
    init(channels: Int, _ decay: ExponentialDecay) {
        let (slow, fast) = (log(0.01) / Double(decay.slow), log(0.01) / Double(decay.fast))
        decays = Tensor(
            shape: [channels],
            scalars: (0..<channels).map {
                Float(slow + (fast - slow) * Double($0) / Double(max(1, channels - 1)))
            })
        shift = decay.shift
    }

    /// The window `[C, *S]`.
    public func callAsFunction(_ distances: LagDistances) -> Tensor {
        let rates = (decays.relu() + (-decays).relu())
            .reshaped(to: [decays.count] + distances.extents.map { _ in 1 })
        return (rates * (distances.sum { -$0 })).exponential() + shift
    }

    /// Visits `decays`.
    public mutating func forEachParameterPath(_ body: (WindowPath, inout Tensor) throws -> Void) rethrows {
        try body(.decays, &decays)
    }

    /// As published the decays stay as they are, unless ``KernelRates/decays`` says otherwise.
    public func trainingRule(of path: WindowPath, rates: KernelRates) -> TrainingRule {
        TrainingRule(rateFactor: rates.decays, decays: false)
    }
}
