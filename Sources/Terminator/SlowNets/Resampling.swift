import Runtime
import Tensors

extension Tensor {
    /// The tensor interpolated linearly along its last axes to the given extents, over the same range of coordinates;
    /// the same tensor where the extents are equal.
    ///
    /// Leading axes, `[B, C]` or none, stay. From n to 2 n - 1 points every second point keeps its value.
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
        // Rows are resampled each by itself, whatever sample they belong to.
        if partition != nil {
            return asOneSample().resampled(alongAxis: axis, to: extent).asSamples(of: self)
        }
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
            // A single sample is at -1, the coordinate of the first sample.
            let place = target == 1 ? 0 : Double(row) * Double(source - 1) / Double(target - 1)
            let left = min(Int(place), source - 1)
            let fraction = place - Double(left)
            weights[row * source + left] = Float(1 - fraction)
            if fraction > 0 { weights[row * source + left + 1] = Float(fraction) }
        }
        return Tensor(shape: [target, source], scalars: weights)
    }
}
