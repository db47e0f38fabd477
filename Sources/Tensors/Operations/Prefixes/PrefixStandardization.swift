import Runtime

extension Tensor {
    /// Each sample along the last axis, standardized by the mean and the variance of the samples up to it:
    ///
    ///     y[t] = (x[t] - μ[t]) r[t],   r[t] = 1 / √(σ²[t] + ε)
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
        requireConstant()
        return Tensor(shape: shape) { (result: UnsafeMutablePointer<Float>) in
            PrefixRows(shape: shape).scan(
                self, continuing: &moments, nanoseconds: Tuning.Nanoseconds.prefix
            ) { index, _, difference, mean, variance in
                result[index] = Float((difference - mean) / (variance + Double(epsilon)).squareRoot())
            }
        }
    }

    func requireConstant() {
        require(!isRecorded, "expected a constant where a stream continues, got a recorded tensor")
    }
}

extension PrefixRows {
    /// The pullback of the standardization. With n = t + 1, ∂σ²[t]/∂x[s] = 2 (x[s] - μ[t]) / n for s ≤ t, so
    ///
    ///     ∂y[t]/∂x[s] = r[t] (δ(s,t) - 1/n) - y[t] r[t]² (x[s] - μ[t]) / n
    ///     dx[s] = g[s] r[s] - A[s] - B[s] d[s] + C[s]
    ///
    /// with d = x - x₀, A, B and C the sums over t ≥ s of a = g r / n, b = g y r² / n and b (μ - x₀).
    fileprivate func standardizationPullback(cotangent: Tensor, input: Tensor, epsilon: Float) -> Tensor {
        Tensor(shape: cotangent.shape) { (result: UnsafeMutablePointer<Float>) in
            input.withPointer { x in
                cotangent.withPointer { g in
                    forEach(nanoseconds: Tuning.Nanoseconds.prefixPullback) { _, offset in
                        pullBackRow(x + offset, g + offset, into: result + offset, Double(epsilon))
                    }
                }
            }
        }
    }

    private func pullBackRow(
        _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        _ epsilon: Double
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * length + 3) { memory in
            let (means, scales) = (memory.baseAddress!, memory.baseAddress! + length)
            let sums = scales + length
            sums.initialize(repeating: 0, count: 3)
            PrefixMoments.scan(x, count: length, after: 0, sums: sums) { index, _, mean, variance in
                means[index] = mean
                scales[index] = 1 / (variance + epsilon).squareRoot()
            }
            var (a, b, c) = (0.0, 0.0, 0.0)
            for index in (0..<length).reversed() {
                let (mean, scale) = (means[index], scales[index])
                let difference = Double(x[index]) - sums[0]
                let scaled = Double(g[index]) * scale
                let share = scaled / Double(index + 1)
                let weight = share * (difference - mean) * scale * scale
                a += share
                b += weight
                c += weight * mean
                result[index] = Float(scaled - a - b * difference + c)
            }
        }
    }
}
