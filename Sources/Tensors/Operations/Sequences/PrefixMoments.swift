import CVectorLoops
import Runtime

/// The sums from which the means and variances of the samples so far follow, for each row of sequences: what a stream
/// remembers instead of its samples.
///
///     d = x - x₀,   S = Σ d,   Q = Σ d²,   μ = x₀ + S / n,   σ² = Q / n - (S / n)²
///
/// in double precision, with x₀ the row's first sample. For a constant row S and Q are 0: the mean is exact, the variance 0.
/// x₀ is one of the n samples, so (μ - x₀)² ≤ n σ² and Q / n = σ² + (μ - x₀)² ≤ (1 + n) σ²: the difference takes a factor of at
/// most 1 + n from the relative error of Q, about √n 2⁻⁵³.
public struct PrefixMoments: Sendable, Equatable {
    /// The number n of samples of each row so far.
    public private(set) var count: Int
    /// x₀, S and Q of each row: `[rows, 3]`.
    public private(set) var sums: [Double]

    /// The moments before the first sample.
    public init(rows: Int) { self.init(count: 0, sums: Array(repeating: 0, count: 3 * rows)) }

    /// Moments from their parts.
    ///
    /// - Parameters:
    ///   - count: The number of samples of each row so far.
    ///   - sums: x₀, S and Q of each row, `[rows, 3]`.
    public init(count: Int, sums: [Double]) {
        require(
            count >= 0 && sums.count % 3 == 0,
            "expected a count of at least 0 and three sums for each row, got \(count) and \(sums.count) sums")
        self.count = count
        self.sums = sums
    }

    /// The number of rows.
    public var rows: Int { sums.count / 3 }

    /// Adds a constant tensor of as many rows: `body` adds a few rows, from a scalar on, to their sums, with one over the number
    /// of samples up to each.
    mutating func add(
        _ tensor: Tensor,
        _ body: (
            _ x: UnsafePointer<Float>, _ offset: Int, _ rows: Int, _ sums: UnsafeMutablePointer<Double>,
            _ shares: UnsafePointer<Double>
        ) -> Void
    ) {
        require(
            !tensor.isRecorded, "expected a constant where a stream continues, got a recorded tensor")
        let layout = PrefixRows(shape: tensor.shape)
        require(rows == layout.count, "expected the moments of \(layout.count) rows, got those of \(rows)")
        guard tensor.count > 0 else { return }
        let isFirst = count == 0
        let shares = layout.shares(after: count)
        sums.withUnsafeMutableBufferPointer { sums in
            // Each row changes its own sums.
            let sums = sums.baseAddress!
            shares.withUnsafeBufferPointer { shares in
                tensor.withPointer { x in
                    layout.forEachGroup(nanoseconds: Tuning.Nanoseconds.prefix) { group, offset in
                        if isFirst {
                            for row in group { sums[3 * row] = Double(x[row * layout.length]) }
                        }
                        body(x, offset, group.count, sums + 3 * group.lowerBound, shares.baseAddress!)
                    }
                }
            }
        }
        count += layout.length
    }
}

/// The rows of a tensor along its last axis.
struct PrefixRows: Sendable {
    let count: Int
    let length: Int

    init(shape: [Int]) {
        require(!shape.isEmpty, "expected a tensor with an axis, got a scalar")
        length = shape[shape.count - 1]
        count = shape.dropLast().reduce(1, *)
    }

    /// One over the number of samples up to each of a row, of which there are `before` in front of it.
    func shares(after before: Int = 0) -> [Double] { (0..<length).map { 1 / Double(before + $0 + 1) } }

    /// Calls `body` with as many rows as the vector loops take at once, and the offset of the first, in parallel.
    func forEachGroup(nanoseconds: Double, _ body: (_ rows: Range<Int>, _ offset: Int) -> Void) {
        guard length > 0 else { return }
        let size = Int(vl_prefix_rows)
        parallelRanges(
            of: (count + size - 1) / size, scalarsPerIndex: size * length, nanoseconds: nanoseconds
        ) { range in
            for first in stride(
                from: range.lowerBound * size, to: min(range.upperBound * size, count), by: size)
            {
                body(first..<min(first + size, count), first * length)
            }
        }
    }
}
