import CVectorLoops
import Runtime

extension Tensor {
    /// The means of the samples so far along the last axis: y[..., t] = (x[..., 0] + ... + x[..., t]) / (t + 1).
    ///
    /// Accumulated in double precision and rounded once.
    ///
    /// - Complexity: O(*n*), forward and backward.
    public func prefixMeans() -> Tensor {
        let rows = PrefixRows(shape: shape)
        var moments = PrefixMoments(rows: rows.count)
        return detached.prefixMeans(continuing: &moments).recorded(from: self) { cotangent in
            let (loops, shares) = (vectorLoops, rows.shares())
            return [
                Tensor(shape: cotangent.shape) { (result: UnsafeMutablePointer<Float>) in
                    cotangent.withPointer { g in
                        rows.forEachGroup(nanoseconds: Tuning.Nanoseconds.prefix) { group, offset in
                            loops.pointee.prefix_means_pullback(
                                result + offset, g + offset, rows.length, group.count, shares, rows.length)
                        }
                    }
                }
            ]
        }
    }

    /// The means of a constant tensor whose rows continue those that `moments` are of; they become those after its samples.
    public func prefixMeans(continuing moments: inout PrefixMoments) -> Tensor {
        let length = shape.last ?? 0
        let loops = vectorLoops
        return Tensor(shape: shape) { (result: UnsafeMutablePointer<Float>) in
            moments.add(self) { x, offset, rows, sums, shares in
                loops.pointee.prefix_means(result + offset, x + offset, length, rows, sums, shares, length)
            }
        }
    }
}
