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
        if axis.isPeriodic, FourierLength.isSmooth(axis.signal) { return best(length: axis.signal) }
        return best(atLeast: axis.smallestPeriod)
    }

    /// The cheapest recipe for a length of at least `minimum`.
    static func best(atLeast minimum: Int) -> MixedRadixRecipe {
        best(leaf: FourierLength.best(atLeast: minimum), orInSteps: minimum...)
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
