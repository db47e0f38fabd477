/// Lengths of complex transforms that FFTW transforms fast, several rows at a time.
enum FourierLength {
    /// Whether a length has small prime factors only.
    static func isSmooth(_ length: Int) -> Bool { cost(length) != nil }

    /// The cheapest length of at least `minimum`.
    static func best(atLeast minimum: Int) -> Int {
        var best = minimum
        var bestCost = Double.infinity
        var length = minimum
        // A factor f costs at least log2 f, so no length costs less than length · log2(length); and a power of two lies
        // below twice the minimum, so the search ends.
        while Double(length) * Double(Int.bitWidth - length.leadingZeroBitCount) < bestCost {
            if let cost = cost(length), cost < bestCost { (best, bestCost) = (length, cost) }
            length += 1
        }
        return best
    }

    /// The relative cost of a transform whose length has the prime factors 2, 3, 5, 7 alone, at least the length; else
    /// `nil`.
    private static func cost(_ length: Int) -> Double? {
        var rest = length
        var operations = 1.0
        for (factor, cost) in CostModel.factorCosts {
            while rest.isMultiple(of: factor) {
                rest /= factor
                operations += cost
            }
        }
        return rest == 1 ? Double(length) * operations : nil
    }
}
