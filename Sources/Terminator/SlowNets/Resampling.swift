import Runtime
import Tensors

extension Tensor {
    /// The values of functions on a grid over -1...1 along each of the last axes, interpolated linearly to a grid of
    /// the given extents over the same range; itself where the extents are the same.
    ///
    /// The axes before them, `[B, C]` or none, are left alone. With every second point in common (n points to 2 n -
    /// 1) the values there stay as they are.
    public func resampled(to extents: [Int]) -> Tensor {
        require(
            rank >= extents.count && extents.allSatisfy { $0 >= 1 },
            "expected at most \(rank) extents of at least 1 to resample to, got \(extents)")
        return extents.enumerated().reduce(self) {
            $0.resampled(alongAxis: rank - extents.count + $1.offset, to: $1.element)
        }
    }

    private func resampled(alongAxis axis: Int, to extent: Int) -> Tensor {
        guard shape[axis] != extent else { return self }
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let lines = reshaped(to: [outer, shape[axis], inner])
        return lines.pointwise(weight: Self.interpolation(from: shape[axis], to: extent))
            .reshaped(to: shape[..<axis] + [extent] + shape[(axis + 1)...])
    }

    /// The matrix `[target, source]` that interpolates linearly between the samples of an axis.
    private static func interpolation(from source: Int, to target: Int) -> Tensor {
        var weights = [Float](repeating: 0, count: target * source)
        for row in 0..<target {
            // A single sample sits at -1, the first sample's place.
            let place = target == 1 ? 0 : Double(row) * Double(source - 1) / Double(target - 1)
            let left = min(Int(place), source - 1)
            let fraction = place - Double(left)
            weights[row * source + left] = Float(1 - fraction)
            if fraction > 0 { weights[row * source + left + 1] = Float(fraction) }
        }
        return Tensor(shape: [target, source], scalars: weights)
    }
}
