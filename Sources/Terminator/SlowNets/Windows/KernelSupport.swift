import Foundation
import Tensors

extension KernelWindowFunction {
    /// All samples.
    public func support(_ distances: LagDistances) -> [Int] { distances.extents }
}

extension GaussianWindow {
    /// What no window of any channel falls below where it counts: a smaller factor takes a tap below the rounding of the
    /// largest one.
    static let threshold = 0x1p-24

    /// The samples around lag 0 at which the widest channel's window is at least 2⁻²⁴.
    public func support(_ distances: LagDistances) -> [Int] {
        let axes = distances.extents.count
        let widths = logWidths.scalars.map { exp(Double($0)) }
        return distances.extents.indices.map { axis in
            let widest = stride(from: axis, to: widths.count, by: axes).map { widths[$0] }.max() ?? 0
            // A width that is not a number hides nothing.
            let reach = widest.isFinite ? widest * sqrt(-2 * log(Self.threshold)) : .infinity
            return distances.support(alongAxis: axis, within: reach)
        }
    }
}

extension LagDistances {
    /// How many samples along an axis lie around lag 0 within a distance, as many on both sides where it is in the middle; at
    /// least 1.
    func support(alongAxis axis: Int, within reach: Double) -> Int {
        let distances = alongAxis(axis)
        guard let first = distances.firstIndex(where: { $0 <= reach }),
            let last = distances.lastIndex(where: { $0 <= reach })
        else { return 1 }
        switch alignment {
        case .causal: return last + 1
        case .centred:
            let center = distances.count / 2
            return min(distances.count, 2 * max(center - first, last - center) + 1)
        }
    }
}

extension Tensor {
    /// A kernel `[..., *S]` without the taps outside of the given extents around lag 0, which are 0 to rounding. What is left
    /// convolves as the whole kernel does, faster.
    func cropped(to support: [Int], _ alignment: GlobalInteraction.Alignment) -> Tensor {
        let first = rank - support.count
        return support.indices.reduce(self) { kernel, index in
            let (axis, extent) = (first + index, kernel.shape[first + index])
            guard support[index] < extent else { return kernel }
            let start = alignment == .causal ? 0 : extent / 2 - support[index] / 2
            return kernel.slice(alongAxis: axis, start..<start + support[index])
        }
    }
}
