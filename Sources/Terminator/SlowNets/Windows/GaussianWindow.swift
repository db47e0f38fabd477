import Foundation
import Tensors

/// A Gaussian window of a learned width for each kernel and axis: exp(-Σ over the axes of t² / (2 width²)), t the distance
/// from lag 0.
///
/// Source: D. Romero et al., *FlexConv*, arXiv 2110.08059, section 3.1. The published width is shared by all channels of a
/// layer, and may be divided by; its logarithm keeps it above 0 here.
public struct GaussianWindow: KernelWindowFunction {
    /// `[C, D]`: the logarithms of the widths, in units of a kernel's whole length (half of it, if centred).
    public var logWidths: Tensor

    /// A window for `channels` channels over `axes` axes, of the given width at the start.
    init(channels: Int, axes: Int, width: Float) {
        logWidths = Tensor(shape: [channels, axes], repeating: log(width))
    }

    /// The window `[C, *S]`.
    public func callAsFunction(_ distances: LagDistances) -> Tensor {
        let precisions = (logWidths * -2).exponential()
        let ones = distances.extents.map { _ in 1 }
        let exponents = distances.extents.indices.map { axis in
            var extents = ones
            extents[axis] = distances.extents[axis]
            let squares = Tensor(
                shape: [1] + extents, scalars: distances.alongAxis(axis).map { Float(-$0 * $0 / 2) })
            let column = precisions.slice(alongAxis: 1, axis..<axis + 1)
            return column.reshaped(to: [column.count] + ones) * squares
        }
        return exponents.dropFirst().reduce(exponents[0], +).exponential()
    }

    /// Visits `logWidths`.
    public mutating func forEachParameterPath(_ body: (WindowPath, inout Tensor) throws -> Void) rethrows {
        try body(.logWidths, &logWidths)
    }

    /// ``KernelRates/widths``, and no weight decay.
    public func trainingRule(of path: WindowPath, rates: KernelRates) -> TrainingRule {
        TrainingRule(rateFactor: rates.widths, decays: false)
    }
}
