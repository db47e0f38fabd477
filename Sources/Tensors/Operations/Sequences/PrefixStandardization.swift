import CVectorLoops
import Runtime

extension Tensor {
    /// Each sample along the last axis, standardized by the mean and the variance of the samples up to it:
    ///
    ///     y[t] = (x[t] - μ[t]) / √(σ²[t] + ε)
    ///
    /// with μ[t] the mean of x[0 ... t] and σ²[t] their biased variance; see ``PrefixMoments``. y[0] is 0.
    ///
    /// - Parameter epsilon: ε, added to each variance.
    /// - Complexity: O(*n*), forward and backward.
    public func prefixStandardized(epsilon: Float = 1e-5) -> Tensor {
        let rows = PrefixRows(shape: shape)
        var moments = PrefixMoments(rows: rows.count)
        let input = detached
        return input.prefixStandardized(continuing: &moments, epsilon: epsilon).recorded(from: self) {
            [rows.standardizationPullback(cotangent: $0, input: input, epsilon: epsilon)]
        }
    }

    /// The standardization of a constant tensor whose rows continue those that `moments` are of; they become those after its
    /// samples.
    ///
    /// A stream that is cut into tensors has the same bits as a whole one.
    public func prefixStandardized(
        continuing moments: inout PrefixMoments, epsilon: Float = 1e-5
    ) -> Tensor {
        let length = shape.last ?? 0
        let loops = vectorLoops
        return Tensor(shape: shape) { (result: UnsafeMutablePointer<Float>) in
            moments.add(self) { x, offset, rows, sums, shares in
                loops.pointee.prefix_standardize(
                    result + offset, x + offset, length, rows, sums, shares, epsilon, length)
            }
        }
    }
}

extension PrefixRows {
    /// The pullback of the standardization. With r = 1 / √(σ² + ε) and n = t + 1, ∂σ²[t]/∂x[s] = 2 (x[s] - μ[t]) / n for s ≤ t, so
    ///
    ///     ∂y[t]/∂x[s] = r[t] (δ(s,t) - 1/n) - y[t] r[t]² (x[s] - μ[t]) / n
    ///
    /// The sum over t ≥ s runs backwards. The running sums of each tile are made again from those in front of it.
    fileprivate func standardizationPullback(cotangent: Tensor, input: Tensor, epsilon: Float) -> Tensor {
        let shares = shares()
        let loops = vectorLoops
        let sums = 2 * Int(vl_prefix_rows) * (length / Int(vl_prefix_tile) + 1)
        return Tensor(shape: cotangent.shape) { (result: UnsafeMutablePointer<Float>) in
            input.withPointer { x in
                cotangent.withPointer { g in
                    forEachGroup(nanoseconds: Tuning.Nanoseconds.prefixPullback) { group, offset in
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: sums) { sums in
                            loops.pointee.prefix_standardization_pullback(
                                result + offset, x + offset, g + offset, length, group.count, shares,
                                sums.baseAddress!, epsilon, length)
                        }
                    }
                }
            }
        }
    }
}
