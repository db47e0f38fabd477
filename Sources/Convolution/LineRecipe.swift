/// How a row is transformed whose right-angle transform has the length `radix · N`: `radix` residue rows, made by the
/// same loop that folds and twists the reals, each transformed by itself with the length N = steps · leaf, where the
/// steps are the engine's and the leaf is FFTW's.
///
/// FFTW makes its best plans without measuring (`FFTW_ESTIMATE`) for certain lengths of 16 to 2048, so the leaves are
/// those. Measured costs stand in Docs/Decisions/0002.
struct LineRecipe: Hashable, Sendable {
    let radix: Int
    /// The radices, 4 or 8, of the steps before FFTW's transforms, first to last.
    var steps: [Int] = []
    let leaf: Int

    /// The length N of residue rows.
    var rowLength: Int { steps.reduce(leaf, *) }
    var length: Int { radix * rowLength }

    /// The estimated time of a forward and an inverse transform, in nanoseconds on the machine of the measurements.
    var cost: Double {
        let costOfSteps = steps.reduce(0) { $0 + ($1 == 4 ? 0.6 : 0.8) }
        return Double(length) * (2 * Self.costOfLeaf(leaf) + costOfSteps + Self.costOfRadix[radix])
    }

    /// The cheapest recipe for a length of at least `length`.
    static func best(atLeast length: Int) -> LineRecipe {
        var best: LineRecipe?
        func consider(_ recipe: LineRecipe) {
            if recipe.cost < best?.cost ?? .infinity { best = recipe }
        }
        for radix in 1..<costOfRadix.count {
            for leaf in leaves where radix * leaf >= length { consider(LineRecipe(radix: radix, leaf: leaf)) }
            // Short rows need no leaf of the list.
            let exact = (length + radix - 1) / radix
            if exact < shortestListedLeaf { consider(LineRecipe(radix: radix, leaf: exact)) }
        }
        // Longer rows take as few steps as will do, in leaves that hold whole vectors of every kind.
        var eights: [Int] = []
        while best == nil || length > stepsPay {
            for steps in [[4] + eights, [8] + eights] {
                for radix in 4..<costOfRadix.count {
                    for leaf in leaves where leaf >= 512 {
                        let recipe = LineRecipe(radix: radix, steps: steps, leaf: leaf)
                        if recipe.length >= length { consider(recipe) }
                    }
                }
            }
            if best != nil { break }
            eights.append(8)
        }
        return best!
    }

    /// Above this length a step is considered though a single leaf would do.
    private static let stepsPay = 8192

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
