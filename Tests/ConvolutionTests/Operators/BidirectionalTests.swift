import TestSupport
import Testing

@testable import Convolution

/// Pairs of kernels against the sums that define them.
@Suite struct BidirectionalTests {
    /// y[t] = Σ f[s] x[t - s] + Σ b[s] x[t + s + lag] of one row, and the gradients of Σ g y.
    private func direct(
        _ x: ArraySlice<Double>, _ f: ArraySlice<Double>, _ b: ArraySlice<Double>, _ g: ArraySlice<Double>,
        _ lag: Int
    ) -> (y: [Double], dx: [Double], df: [Double], db: [Double]) {
        let (x, f, b, g) = (Array(x), Array(f), Array(b), Array(g))
        let (length, taps) = (x.count, f.count)
        var (y, dx) = ([Double](repeating: 0, count: length), [Double](repeating: 0, count: length))
        var (df, db) = ([Double](repeating: 0, count: taps), [Double](repeating: 0, count: taps))
        for t in 0..<length {
            for s in 0..<taps {
                if t - s >= 0 {
                    y[t] += f[s] * x[t - s]
                    dx[t - s] += f[s] * g[t]
                    df[s] += x[t - s] * g[t]
                }
                if t + s + lag < length {
                    y[t] += b[s] * x[t + s + lag]
                    dx[t + s + lag] += b[s] * g[t]
                    db[s] += x[t + s + lag] * g[t]
                }
            }
        }
        return (y, dx, df, db)
    }

    @Test(.releaseOnly, arguments: [0, 1])
    func everySmallSize(_ lag: Int) throws {
        var generator = SplitMix64.announced(seed: 0x148)
        for length in 1...64 {
            for taps in 1...length + 3 {
                let convolution = try BidirectionalConvolution<Double>(
                    length: length, kernelLength: taps, lag: lag)
                let pairing =
                    taps.isMultiple(of: 2)
                    ? Pairing.shared(batch: 2, channels: 1) : .perSample(batch: 1, channels: 2)
                let x: [Double] = randomScalars(2 * length, using: &generator)
                let g: [Double] = randomScalars(2 * length, using: &generator)
                let f: [Double] = randomScalars(pairing.kernelCount * taps, using: &generator)
                let b: [Double] = randomScalars(pairing.kernelCount * taps, using: &generator)
                var y = [Double](repeating: .nan, count: 2 * length), dx = y
                var df = [Double](repeating: .nan, count: f.count), db = df
                try x.withUnsafeBufferPointer { x in
                    try f.withUnsafeBufferPointer { f in
                        try b.withUnsafeBufferPointer { b in
                            try y.withUnsafeMutableBufferPointer { y in
                                try convolution.apply(x, forward: f, backward: b, pairing, into: y)
                            }
                            try g.withUnsafeBufferPointer { g in
                                try dx.withUnsafeMutableBufferPointer { dx in
                                    try df.withUnsafeMutableBufferPointer { df in
                                        try db.withUnsafeMutableBufferPointer { db in
                                            try convolution.gradients(
                                                x, forward: f, backward: b, pairing, upstream: g,
                                                into: GatedGradients(signal: dx, kernel: df),
                                                backwardGradient: db)
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                var exact = (y: [Double](), dx: [Double](), df: f.map { _ in 0.0 }, db: b.map { _ in 0.0 })
                for row in 0..<2 {
                    let (range, kernel) = (
                        row * length..<(row + 1) * length, row % pairing.kernelCount * taps
                    )
                    let one = direct(
                        x[range], f[kernel..<kernel + taps], b[kernel..<kernel + taps], g[range], lag)
                    exact.y += one.y
                    exact.dx += one.dx
                    for s in 0..<taps {
                        exact.df[kernel + s] += one.df[s]
                        exact.db[kernel + s] += one.db[s]
                    }
                }
                let tolerance = transformTolerance(Double.self, points: length + 2 * taps)
                let kernels = norm(f) + norm(b)
                #expect(distance(y, exact.y) <= tolerance * norm(x) * kernels, "\(length), \(taps)")
                #expect(distance(dx, exact.dx) <= tolerance * norm(g) * kernels, "\(length), \(taps)")
                #expect(distance(df, exact.df) <= tolerance * norm(g) * norm(x), "\(length), \(taps)")
                #expect(distance(db, exact.db) <= tolerance * norm(g) * norm(x), "\(length), \(taps)")
            }
        }
    }
}
