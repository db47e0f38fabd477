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

    /// Adds `length` samples to each row. `body` must call ``scan(_:count:after:sums:_:)`` for each of them, with the sums
    /// that it receives.
    mutating func add(_ length: Int, _ body: (_ before: Int, _ sums: UnsafeMutablePointer<Double>?) -> Void) {
        sums.withUnsafeMutableBufferPointer { body(count, $0.baseAddress) }
        count += length
    }

    /// Calls `body` with the mean of the differences d and the variance after each sample of a row.
    ///
    /// - Parameters:
    ///   - before: The number of samples so far.
    ///   - sums: x₀, S and Q of the row, which become those after its samples.
    @inline(__always)
    static func scan(
        _ x: UnsafePointer<Float>, count: Int, after before: Int, sums: UnsafeMutablePointer<Double>,
        _ body: (_ index: Int, _ difference: Double, _ mean: Double, _ variance: Double) -> Void
    ) {
        guard count > 0 else { return }
        if before == 0 { sums[0] = Double(x[0]) }
        let first = sums[0]
        var (sum, squares) = (sums[1], sums[2])
        for index in 0..<count {
            let difference = Double(x[index]) - first
            sum += difference
            squares += difference * difference
            let share = 1 / Double(before + index + 1)
            let mean = sum * share
            body(index, difference, mean, max(0, squares * share - mean * mean))
        }
        (sums[1], sums[2]) = (sum, squares)
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

    /// Calls `body` with each row's number and offset, in parallel.
    func forEach(nanoseconds: Double, _ body: (_ row: Int, _ offset: Int) -> Void) {
        parallelRanges(of: count, scalarsPerIndex: length, nanoseconds: nanoseconds) { range in
            for row in range { body(row, row * length) }
        }
    }

    /// Scans the rows of `tensor`, which `moments` are those before of: `body` receives a scalar's index in the tensor, the
    /// difference d, their mean and the variance.
    @inline(__always)
    func scan(
        _ tensor: Tensor, continuing moments: inout PrefixMoments, nanoseconds: Double,
        _ body: (_ index: Int, _ first: Double, _ difference: Double, _ mean: Double, _ variance: Double) ->
            Void
    ) {
        require(
            moments.rows == count,
            "expected the moments of \(count) rows, got those of \(moments.rows)")
        moments.add(length) { before, sums in
            tensor.withPointer { x in
                forEach(nanoseconds: nanoseconds) { row, offset in
                    // Each row changes its own sums.
                    let own = sums! + 3 * row
                    PrefixMoments.scan(x + offset, count: length, after: before, sums: own) {
                        body(offset + $0, own[0], $1, $2, $3)
                    }
                }
            }
        }
    }
}
