/// Lengths of complex transforms that FFTW does well, side by side.
enum FourierLength {
    /// Whether a length has small prime factors only.
    static func isGood(_ length: Int) -> Bool { cost(length) != nil }

    /// The cheapest length of at least `minimum`.
    static func best(atLeast minimum: Int) -> Int {
        var best = minimum
        var bestCost = Double.infinity
        var length = minimum
        // A power of two lies below twice the minimum, so the search ends: a factor f weighs at least log2 f, hence no
        // length costs less than a power of two would.
        while Double(length) * Double(Int.bitWidth - length.leadingZeroBitCount) < bestCost {
            if let cost = cost(length), cost < bestCost { (best, bestCost) = (length, cost) }
            length += 1
        }
        return best
    }

    /// The relative cost of a transform whose length has the factors 2, 3, 5, 7, at least the length; else `nil`.
    private static func cost(_ length: Int) -> Double? {
        var rest = length
        var operations = 1.0
        for (factor, weight) in [(2, 1.0), (3, 1.9), (5, 3.4), (7, 5.6)] {
            while rest.isMultiple(of: factor) {
                rest /= factor
                operations += weight
            }
        }
        return rest == 1 ? Double(length) * operations : nil
    }
}
