/// The factors of a complex Fourier transform's length, steps · leaf: the engine's own steps of radix 4 or 8 first, then
/// transforms by FFTW.
///
/// FFTW's estimated plans are its best ones for certain lengths of 16 to 2048, so the leaves are those; see
/// ``CostModel/leaves``.
struct MixedRadixRecipe: Hashable, Sendable {
    /// The radices, 4 or 8, of the steps before FFTW's transforms, first to last.
    var steps: [Int] = []
    let leaf: Int

    var length: Int { steps.reduce(leaf, *) }

    /// The estimated nanoseconds per element of a forward and an inverse transform.
    var costPerElement: Double {
        steps.reduce(2 * Self.costOfLeaf(leaf)) { $0 + CostModel.step(radix: $1) }
    }

    /// The lengths that FFTW transforms fast.
    static let leaves = CostModel.leaves.map(\.length)

    private static func costOfLeaf(_ leaf: Int) -> Double {
        CostModel.leaves.first { $0.length == leaf }?.nanoseconds ?? CostModel.unlistedLeaf
    }
}

// Down the columns of a plane.
extension MixedRadixRecipe {
    /// The transform down the columns of a plane in one of its axes.
    ///
    /// A periodic axis needs no padding if FFTW transforms its own length fast; another may take any length from its
    /// smallest period on.
    static func forColumns(_ axis: Axis) -> MixedRadixRecipe {
        guard axis.isPeriodic else { return best(atLeast: axis.smallestPeriod) }
        if axis.signal > longestInSteps {
            return bestInManySteps(length: axis.signal) ?? best(atLeast: axis.smallestPeriod)
        }
        return FourierLength.isSmooth(axis.signal)
            ? best(length: axis.signal) : best(atLeast: axis.smallestPeriod)
    }

    /// The cheapest recipe for a length of at least `minimum`.
    static func best(atLeast minimum: Int) -> MixedRadixRecipe {
        minimum > longestInSteps
            ? bestInManySteps(atLeast: minimum)
            : best(leaf: FourierLength.best(atLeast: minimum), orInSteps: minimum...)
    }

    /// The cheapest recipe for exactly this length.
    static func best(length: Int) -> MixedRadixRecipe { best(leaf: length, orInSteps: length...length) }

    /// The cheaper one of a single leaf and the cheapest recipe in steps whose length is one of `lengths`.
    private static func best(leaf: Int, orInSteps lengths: some RangeExpression<Int>) -> MixedRadixRecipe {
        let unstepped = MixedRadixRecipe(leaf: leaf)
        guard leaf > CostModel.longestUnsteppedColumn else { return unstepped }
        return (inSteps.filter { lengths.contains($0.length) } + [unstepped]).min(by: isCheaper)!
    }

    private static func isCheaper(_ a: MixedRadixRecipe, _ b: MixedRadixRecipe) -> Bool {
        (a.costPerElement * Double(a.length), a.length) < (b.costPerElement * Double(b.length), b.length)
    }

    /// The recipes of one step or two, in leaves that consist of whole vectors.
    private static let inSteps = [[4], [8], [4, 8], [8, 8]].flatMap { steps in
        leaves.filter { $0.isMultiple(of: 16) && $0 >= 96 }.map { MixedRadixRecipe(steps: steps, leaf: $0) }
    }
}

// Columns that are taller than two steps reach.
extension MixedRadixRecipe {
    /// The length of the longest recipe of two steps: beyond it a single leaf would take FFTW, which makes tables as
    /// long as the leaf, seconds and gigabytes to plan.
    private static let longestInSteps = 8 * 8 * leaves.max()!

    /// The cheapest recipe for a length of at least `minimum`, in as few steps as will do.
    private static func bestInManySteps(atLeast minimum: Int) -> MixedRadixRecipe {
        var depth = 3
        while true {
            let recipes = inManySteps(depth: depth).filter { $0.length >= minimum }
            if let best = recipes.min(by: isCheaper) { return best }
            depth += 1
        }
    }

    /// The cheapest recipe for exactly this length, if there is one.
    private static func bestInManySteps(length: Int) -> MixedRadixRecipe? {
        var recipes: [MixedRadixRecipe] = []
        for depth in 3... {
            let candidates = inManySteps(depth: depth)
            guard candidates.contains(where: { $0.length <= length }) else { break }
            recipes += candidates.filter { $0.length == length }
        }
        return recipes.min(by: isCheaper)
    }

    /// The recipes of `depth` steps, in leaves that consist of large tiles: each tile has twiddle factors of its own.
    private static func inManySteps(depth: Int) -> [MixedRadixRecipe] {
        let eights = Array(repeating: 8, count: depth - 1)
        return [4, 8].flatMap { first in
            leaves.filter { $0.isMultiple(of: 128) }.map {
                MixedRadixRecipe(steps: [first] + eights, leaf: $0)
            }
        }
    }
}
