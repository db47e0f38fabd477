/// Whether operands have an element in common, exactly: a slice of every second channel does not overlap the other channels.
///
/// Elements at a + Σ s[i]·x[i] and b + Σ t[j]·y[j] are the same where Σ s[i]·x[i] - Σ t[j]·y[j] = b - a has a solution
/// within the extents: a bounded linear Diophantine equation. With positive strides in descending order, each unknown is
/// confined by what the smaller strides can still reach, to one or two values in layouts that occur.
enum Overlap {
    private struct Term {
        let stride: Int
        let limit: Int
    }

    /// Unknowns that are tried before operands count as overlapping: far more than any batch of rows needs.
    private static let patience = 100_000

    /// - Parameter distance: From the pointer of `first` to that of `second`, in scalars.
    static func exists(_ first: OperandLayout, _ second: OperandLayout, distance: Int) -> Bool {
        var target = distance
        var limits: [Int: Int] = [:]
        func add(_ stride: Int, _ count: Int) {
            guard stride != 0 else { return }
            // With x = count - 1 - x', a negative stride becomes positive.
            if stride < 0 { target -= stride * (count - 1) }
            limits[abs(stride), default: 0] += count - 1
        }
        for (stride, count) in zip(first.strides, first.counts) { add(stride, count) }
        for (stride, count) in zip(second.strides, second.counts) { add(-stride, count) }
        let terms = limits.map { Term(stride: $0, limit: $1) }.sorted { $0.stride > $1.stride }
        var patience = patience
        return isSolvable(terms[...], target, &patience)
    }

    /// Whether Σ stride·x = target, 0 <= x <= limit, has a solution.
    private static func isSolvable(_ terms: ArraySlice<Term>, _ target: Int, _ patience: inout Int) -> Bool {
        patience -= 1
        guard patience > 0 else { return true }
        guard let first = terms.first else { return target == 0 }
        let reach = terms.reduce(0) { $0 + $1.stride * $1.limit }
        let divisor = terms.reduce(0) { greatestCommonDivisor($0, $1.stride) }
        guard target >= 0, target <= reach, target % divisor == 0 else { return false }
        let rest = terms.dropFirst()
        if rest.isEmpty { return true }
        let restReach = reach - first.stride * first.limit
        // The values of x that leave 0 ... restReach for the rest.
        let lowest = max(0, (target - restReach + first.stride - 1) / first.stride)
        let highest = min(first.limit, target / first.stride)
        guard lowest <= highest else { return false }
        for x in lowest...highest where isSolvable(rest, target - first.stride * x, &patience) { return true }
        return false
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
