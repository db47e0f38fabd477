import Tensors

/// The sides of lag 0 on which a kernel of one-sided parts has samples.
struct KernelSides: Sendable {
    /// The number of one-sided kernels of a channel: 1 for the lags from 0 on, 2 with those below 0.
    let count: Int

    init(_ alignment: GlobalInteraction.Alignment) { count = alignment == .causal ? 1 : 2 }

    /// The number of samples of the longer side of a kernel: a centred one has lag 0 at its sample floor(n/2).
    func longestSide(extent: Int) -> Int { count == 1 ? extent : extent - extent / 2 }

    /// The kernel `[C, n]` of sides `[C, n]`, or `[2 C, n - floor(n/2)]` for two: those of the lags 0, 1, ... first,
    /// then those of the lags -1, -2, ...
    func joined(extent: Int, _ sides: (_ count: Int) -> Tensor) -> Tensor {
        let sides = sides(longestSide(extent: extent))
        guard count == 2 else { return sides }
        let channels = sides.shape[0] / 2
        let forward = sides.slice(alongAxis: 0, 0..<channels)
        guard extent > 1 else { return forward }
        let backward = sides.slice(alongAxis: 0, channels..<2 * channels)
            .slice(alongAxis: 1, 0..<extent / 2)
        return .concatenated([backward.reversedAlongLastAxis(), forward], alongAxis: 1)
    }
}

extension Tensor {
    /// The scalars along the last axis in reverse order.
    func reversedAlongLastAxis() -> Tensor {
        let length = shape[rank - 1]
        let reversed = Tensor(shape: shape) { result in
            withScalars { scalars in
                for start in stride(from: 0, to: count, by: max(1, length)) {
                    for index in 0..<length {
                        result[start + index] = scalars[start + length - 1 - index]
                    }
                }
            }
        }
        return reversed.recorded(from: self) { [$0.reversedAlongLastAxis()] }
    }
}
