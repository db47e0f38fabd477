import Tensors

extension Tensor {
    /// The values of a function on a grid over -1...1 on every axis, interpolated linearly to a grid of the given
    /// extents over the same range; itself where the extents are the same.
    func resampled(to extents: [Int]) -> Tensor {
        precondition(rank == extents.count, "expected \(rank) extents to resample to, got \(extents)")
        guard shape != extents else { return self }
        switch rank {
        case 1:
            return Self.interpolation(from: shape[0], to: extents[0])
                .matrixProduct(reshaped(to: [shape[0], 1])).reshaped(to: extents)
        case 2:
            // The second axis as well, from the right: the transposed matrix.
            let rows = Self.interpolation(from: shape[0], to: extents[0]).matrixProduct(self)
            return rows.matrixProduct(Self.interpolation(from: shape[1], to: extents[1], isTransposed: true))
        default:
            preconditionFailure("expected one or two axes to resample, got \(rank)")
        }
    }

    /// The matrix `[target, source]` (or its transpose) that interpolates linearly between the samples of an axis.
    private static func interpolation(from source: Int, to target: Int, isTransposed: Bool = false) -> Tensor
    {
        var weights = [Float](repeating: 0, count: source * target)
        func add(_ weight: Double, row: Int, column: Int) {
            weights[isTransposed ? column * target + row : row * source + column] += Float(weight)
        }
        for row in 0..<target {
            // A single sample sits at -1, the first sample's place.
            let place = target == 1 ? 0 : Double(row) * Double(source - 1) / Double(target - 1)
            let left = min(Int(place), source - 1)
            let fraction = place - Double(left)
            add(1 - fraction, row: row, column: left)
            if fraction > 0 { add(fraction, row: row, column: left + 1) }
        }
        return Tensor(shape: isTransposed ? [source, target] : [target, source], scalars: weights)
    }
}
