/// Where the elements of a row lie in the period of a cyclic (or negacyclic) convolution.
///
/// Element i lies at position `start + i`; where a row repeats, its elements below `repeatCount` lie at
/// `start + i + repeatDistance` as well. Positions count modulo the period.
struct WrappedInterval: Hashable, Sendable {
    var start: Int
    var count: Int
    var repeatDistance = 0
    var repeatCount = 0

    /// Consecutive elements at consecutive positions.
    struct Run {
        let element: Int
        let position: Int
        let count: Int
        /// Whether the elements wrapped around an odd number of times, where a negacyclic convolution negates them.
        let isOdd: Bool
    }

    /// Whether every element has one position, and all of them lie in order within one period.
    func isUnwrapped(period: Int) -> Bool {
        repeatCount == 0 && start >= 0 && start + count <= period
    }

    /// Visits the elements that have a second position, with both positions within the period.
    func forEachRepeat(period: Int, _ body: (_ position: Int, _ repeated: Int) -> Void) {
        // Correlation puts outputs at negative positions.
        func wrapped(_ position: Int) -> Int { position - floorDivision(position, period) * period }
        for element in 0..<repeatCount {
            body(wrapped(start + element), wrapped(start + element + repeatDistance))
        }
    }

    /// Visits the elements that lie at the given positions, all of which are in 0 ..< period.
    func forEachRun(at positions: Range<Int>, period: Int, _ body: (Run) -> Void) {
        for (start, count) in [(start, count), (start + repeatDistance, repeatCount)] where count > 0 {
            for turn in floorDivision(start, period)...floorDivision(start + count - 1, period) {
                let lower = max(start, positions.lowerBound + turn * period)
                let upper = min(start + count, positions.upperBound + turn * period)
                guard lower < upper else { continue }
                body(
                    Run(
                        element: lower - start, position: lower - turn * period, count: upper - lower,
                        isOdd: !turn.isMultiple(of: 2)))
            }
        }
    }
}

/// The greatest integer not above the quotient.
private func floorDivision(_ dividend: Int, _ divisor: Int) -> Int {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}
