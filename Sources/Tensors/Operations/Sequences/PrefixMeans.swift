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
            // dx[s] = Σ over t ≥ s of g[t] / (t + 1)
            let shares = rows.shares()
            return [
                Tensor(shape: cotangent.shape) { (result: UnsafeMutablePointer<Float>) in
                    cotangent.withPointer { g in
                        rows.forEach(nanoseconds: Tuning.Nanoseconds.prefix) { _, offset in
                            var sum = 0.0
                            for index in (0..<rows.length).reversed() {
                                sum += Double(g[offset + index]) * shares[index]
                                result[offset + index] = Float(sum)
                            }
                        }
                    }
                }
            ]
        }
    }

    /// The means of a constant tensor whose rows continue those that `moments` are of; they become those after its samples.
    public func prefixMeans(continuing moments: inout PrefixMoments) -> Tensor {
        Tensor(shape: shape) { (result: UnsafeMutablePointer<Float>) in
            let length = shape[rank - 1]
            moments.add(self) { x, offset, sums, shares in
                let first = sums[0]
                var (sum, squares) = (sums[1], sums[2])
                for index in 0..<length {
                    let difference = Double(x[index]) - first
                    sum += difference
                    squares += difference * difference
                    result[offset + index] = Float(first + sum * shares[index])
                }
                (sums[1], sums[2]) = (sum, squares)
            }
        }
    }
}
