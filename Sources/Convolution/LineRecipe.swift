/// How a row is transformed whose right-angle transform has the length `radix · leaf`: `radix` residue rows, made by
/// the same loop that folds and twists the reals, each transformed by FFTW with the length `leaf`.
///
/// FFTW makes its best plans without measuring (`FFTW_ESTIMATE`) for certain lengths of 16 to 2048, so the leaves are
/// those. Measured costs stand in Docs/Decisions/0002.
struct LineRecipe: Hashable, Sendable {
    let radix: Int
    let leaf: Int

    var length: Int { radix * leaf }

    /// The estimated time of a forward and an inverse transform, in nanoseconds on the machine of the measurements.
    var cost: Double {
        Double(length) * (2 * Self.costOfLeaf(leaf) + Self.costOfRadix[radix])
    }

    /// The cheapest recipe for a length of at least `length`, or `nil` if that takes more than the largest radix and
    /// leaf.
    static func best(atLeast length: Int) -> LineRecipe? {
        var best: LineRecipe?
        for radix in 1..<costOfRadix.count {
            for leaf in leaves where radix * leaf >= length {
                let recipe = LineRecipe(radix: radix, leaf: leaf)
                if recipe.cost < best?.cost ?? .infinity { best = recipe }
            }
            // Short rows need no leaf of the list.
            let exact = (length + radix - 1) / radix
            if exact < shortestListedLeaf {
                let recipe = LineRecipe(radix: radix, leaf: exact)
                if recipe.cost < best?.cost ?? .infinity { best = recipe }
            }
        }
        return best
    }

    /// Nanoseconds per element of folding and unfolding (reals only), by radix.
    private static let costOfRadix: [Double] = [0, 0.26, 0.32, 0.39, 0.45, 0.51, 0.59, 0.66, 0.75]

    private static let shortestListedLeaf = 16

    static let leaves = measuredLeaves.map(\.length)

    /// Nanoseconds per element of one transform.
    private static func costOfLeaf(_ leaf: Int) -> Double {
        measuredLeaves.first { $0.length == leaf }?.nanoseconds ?? 2.5
    }

    /// FFTW 3.3.10 with SSE2 and AVX, single precision, plans made without measuring.
    private static let measuredLeaves: [(length: Int, nanoseconds: Double)] = [
        (16, 1.34), (20, 1.48), (24, 1.20), (28, 1.06), (36, 1.15), (40, 1.04), (48, 0.63), (64, 0.70),
        (80, 0.66),
        (96, 0.63), (112, 1.1), (120, 0.81), (128, 0.66), (144, 0.60), (160, 0.62), (192, 0.73), (200, 0.90),
        (240, 0.64), (256, 0.65), (320, 0.66), (384, 0.655), (400, 0.695), (512, 0.673), (640, 0.765),
        (1024, 0.717), (1280, 0.743), (2048, 0.795),
    ]
}
