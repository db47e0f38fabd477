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
        let tiles = PrefixRows(shape: shape).tiles
        let loops = vectorLoops
        return Tensor(shape: shape) { (result: UnsafeMutablePointer<Float>) in
            moments.add(self) { x, offset, sums, shares in
                withRunningSums { running, squares, _ in
                    for tile in tiles {
                        let (start, count) = (tile.lowerBound, tile.count)
                        loops.pointee.prefix_sums(running, squares, x + start, sums[0], sums + 1, count)
                        loops.pointee.prefix_standardize(
                            result + offset + start, x + start, running, squares, shares + start, sums[0],
                            epsilon, count)
                    }
                }
            }
        }
    }
}

/// Calls `body` with memory for the two running sums of a tile, and for terms.
private func withRunningSums(
    _ body: (
        _ sums: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>,
        _ terms: UnsafeMutablePointer<Double>
    ) -> Void
) {
    let tile = Tuning.prefixTile
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * tile) { memory in
        let first = memory.baseAddress!
        body(first, first + tile, first + 2 * tile)
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
        let tiles = tiles
        return Tensor(shape: cotangent.shape) { (result: UnsafeMutablePointer<Float>) in
            input.withPointer { x in
                cotangent.withPointer { g in
                    shares.withUnsafeBufferPointer { shares in
                        guard let shares = shares.baseAddress else { return }
                        forEach(nanoseconds: Tuning.Nanoseconds.prefixPullback) { _, offset in
                            pullBackRow(
                                x + offset, g + offset, into: result + offset, tiles, shares, epsilon)
                        }
                    }
                }
            }
        }
    }

    private func pullBackRow(
        _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        _ tiles: [Range<Int>], _ shares: UnsafePointer<Double>, _ epsilon: Float
    ) {
        let loops = vectorLoops
        let first = Double(x[0])
        withRunningSums { sums, squares, terms in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * tiles.count + 5) { memory in
                memory.initialize(repeating: 0)
                let (later, last) = (memory.baseAddress!, memory.baseAddress! + 3)
                // The sums in front of each tile.
                for (index, tile) in tiles.enumerated() {
                    let next = last + 2 * (index + 1)
                    next.update(from: last + 2 * index, count: 2)
                    loops.pointee.prefix_sums(sums, squares, x + tile.lowerBound, first, next, tile.count)
                }
                for (index, tile) in tiles.enumerated().reversed() {
                    let (start, count) = (tile.lowerBound, tile.count)
                    loops.pointee.prefix_sums(sums, squares, x + start, first, last + 2 * index, count)
                    loops.pointee.prefix_standardization_pullback(
                        result + start, x + start, g + start, sums, squares, shares + start, terms, first,
                        epsilon, later, count)
                }
            }
        }
    }
}
