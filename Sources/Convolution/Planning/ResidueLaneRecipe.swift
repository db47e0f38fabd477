import CVectorLoops

/// The factors of a residue-lane transform's length, lanes · N: the steps of the transform of N points.
struct ResidueLaneRecipe: Hashable, Sendable {
    /// The lanes of a vector.
    let lanes: Int
    /// The bytes of a vector.
    let vectorBytes: Int
    /// The radices, first to last: 2, 3, 4, 5, 7 or 8.
    let steps: [Int]

    var rowLength: Int { steps.reduce(1, *) }
    var length: Int { lanes * rowLength }

    /// The estimated nanoseconds of a forward and an inverse transform.
    var cost: Double {
        let vectors = (rowLength + lanes - 1) / lanes * lanes
        let steps = steps.reduce(0.0) { $0 + CostModel.laneStep(radix: $1, vectorBytes: vectorBytes) }
        return Double(rowLength) * 2 * steps + Double(vectors) * CostModel.laneFold(lanes: lanes)
            + (rowLength.isMultiple(of: lanes) ? 0 : Double(lanes) * CostModel.stagedVector)
    }

    /// The cheapest recipe for a length of at least `length`.
    static func best(atLeast length: Int, lanes: Int, vectorBytes: Int) -> ResidueLaneRecipe {
        let shortest = max(2, (length + lanes - 1) / lanes)
        // A power of two lies below twice the shortest.
        return (shortest...2 * shortest).compactMap { rowLength in
            factors(of: rowLength).map {
                ResidueLaneRecipe(lanes: lanes, vectorBytes: vectorBytes, steps: $0)
            }
        }.min { ($0.cost, $0.length) < ($1.cost, $1.length) }!
    }

    /// The radices of a length, largest first: few passes over what may not fit into the nearest cache. `nil` for a length
    /// with other prime factors than 2, 3, 5 and 7.
    private static func factors(of length: Int) -> [Int]? {
        var rest = length
        var radices: [Int] = []
        for radix in [7, 5, 3] {
            while rest.isMultiple(of: radix) {
                radices.append(radix)
                rest /= radix
            }
        }
        guard rest & (rest - 1) == 0 else { return nil }
        // Fours, and for an odd power of two one eight.
        let exponent = rest.trailingZeroBitCount
        if exponent == 1 {
            radices.append(2)
        } else {
            if !exponent.isMultiple(of: 2) { radices.append(8) }
            radices += Array(repeating: 4, count: (exponent - (exponent.isMultiple(of: 2) ? 0 : 3)) / 2)
        }
        return radices.sorted(by: >)
    }
}
