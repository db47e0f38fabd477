import CVectorLoops

/// The factors of a residue-lane transform's length, lanes · N: the steps of the transform of N points.
struct ResidueLaneRecipe: Hashable, Sendable {
    /// The lanes of a vector.
    let lanes: Int
    /// The bytes of a vector.
    let vectorBytes: Int
    /// The radices, first to last: 2, 3, 4, 5, 7 or 8; the last one may be 16.
    let steps: [Int]

    var rowLength: Int { steps.reduce(1, *) }
    var length: Int { lanes * rowLength }

    /// The elements of residue rows that do not fill a vector, where it takes less time to fold them one by one.
    var restCount: Int {
        let rest = rowLength % lanes
        return rest <= CostModel.longestLaneRest(lanes: lanes) ? rest : 0
    }

    /// The estimated nanoseconds of a forward and an inverse transform.
    var cost: Double {
        let vectors = (rowLength - restCount + lanes - 1) / lanes * lanes
        let steps = steps.reduce(0.0) { $0 + CostModel.laneStep(radix: $1, vectorBytes: vectorBytes) }
        let isCut = restCount == 0 && !rowLength.isMultiple(of: lanes)
        return Double(rowLength) * 2 * steps + Double(vectors) * CostModel.laneFold(lanes: lanes)
            + Double(restCount) * CostModel.laneRest(lanes: lanes)
            + (isCut ? Double(lanes) * CostModel.stagedVector : 0)
    }

    /// Whether the parts into which the first step cuts the row consist of whole vectors of elements.
    var canBeSplit: Bool {
        steps.count > 1 && steps[0] >= 4 && rowLength.isMultiple(of: lanes * steps[0])
    }

    /// The cheapest recipe for a length of at least `length`.
    ///
    /// - Parameters:
    ///   - costOfVector: What each vector of complex numbers costs besides.
    ///   - isSplit: Whether the parts into which the first step cuts the row must be whole vectors.
    static func best(
        atLeast length: Int, lanes: Int, vectorBytes: Int, besides costOfVector: Double = 0,
        isSplit: Bool = false
    ) -> ResidueLaneRecipe {
        let shortest = max(2, (length + lanes - 1) / lanes)
        // A power of two lies below twice the shortest.
        return lengths(in: shortest...2 * shortest).compactMap { rowLength in
            if isSplit, !rowLength.isMultiple(of: lanes) { return nil }
            let recipe = steps(of: rowLength, vectorBytes: vectorBytes).map {
                ResidueLaneRecipe(lanes: lanes, vectorBytes: vectorBytes, steps: $0)
            }
            return isSplit && recipe?.canBeSplit == false ? nil : recipe
        }.min {
            let (a, b) = (Double($0.rowLength), Double($1.rowLength))
            return ($0.cost + a * costOfVector, a) < ($1.cost + b * costOfVector, b)
        }!
    }

    /// The lengths in a range that have steps, ascending: those whose prime factors are 2, 3, 5 and 7.
    static func lengths(in range: ClosedRange<Int>) -> [Int] {
        /// The products of given numbers and powers of `factor` that are not above the range.
        func withPowers(of factor: Int, _ numbers: [Int]) -> [Int] {
            numbers.flatMap { sequence(first: $0) { $0 * factor }.prefix { $0 <= range.upperBound } }
        }
        return [7, 5, 3, 2].reduce([1]) { withPowers(of: $1, $0) }.filter(range.contains).sorted()
    }

    /// The radices of a length, largest first: few passes over what may not fit into the nearest cache. `nil` for a length
    /// with other prime factors than 2, 3, 5 and 7.
    static func steps(of length: Int, vectorBytes: Int) -> [Int]? {
        var rest = length
        var radices: [Int] = []
        for radix in [7, 5, 3] {
            while rest.isMultiple(of: radix) {
                radices.append(radix)
                rest /= radix
            }
        }
        guard rest & (rest - 1) == 0 else { return nil }
        var exponent = rest.trailingZeroBitCount
        // Only the widest vectors have registers enough for a radix of 16, and only neighbours fit into the cache's sets.
        let last = vectorBytes == 64 && exponent >= 4 && exponent != 5 ? [16] : []
        exponent -= 4 * last.count
        // Each pass over what exceeds the nearest cache takes longer than what it computes: eights make fewer. They hold 16
        // vectors at a time, for which narrower ones lack the registers.
        if length > CostModel.cachedLaneLength, vectorBytes == 64 {
            // 2^e is 8^n, 8^n · 4 or 8^n · 4 · 4.
            let eights = exponent % 3 == 1 && exponent >= 4 ? exponent / 3 - 1 : exponent / 3
            radices += Array(repeating: 8, count: eights)
            exponent -= 3 * eights
        }
        // Fours, and for an odd power of two one eight.
        if exponent == 1 { radices.append(2) }
        if exponent > 1, !exponent.isMultiple(of: 2) {
            radices.append(8)
            exponent -= 3
        }
        if exponent > 1 { radices += Array(repeating: 4, count: exponent / 2) }
        return radices.sorted(by: >) + last
    }
}
