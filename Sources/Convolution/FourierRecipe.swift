/// How a complex Fourier transform is made of its length, steps · leaf: the engine's own steps of radix 4 or 8 first, then
/// transforms by FFTW.
///
/// FFTW makes its best plans without measuring (`FFTW_ESTIMATE`) for certain lengths of 16 to 2048, so the leaves are
/// those. Measured costs stand in Docs/Decisions/0002.
struct FourierRecipe: Hashable, Sendable {
    /// The radices, 4 or 8, of the steps before FFTW's transforms, first to last.
    var steps: [Int] = []
    let leaf: Int

    var length: Int { steps.reduce(leaf, *) }

    /// The estimated time of a forward and an inverse transform, in nanoseconds per element on the machine of the
    /// measurements.
    var costOfElement: Double {
        steps.reduce(2 * Self.costOfLeaf(leaf)) { $0 + ($1 == 4 ? 0.6 : 0.8) }
    }

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

// Down the columns of a plane.
extension FourierRecipe {
    /// The transform along the ring on which the columns of a plane lie, in one of its axes.
    ///
    /// A periodic axis needs no padding when its own length is a good one; another may take any length from its
    /// smallest period on.
    static func forColumns(_ axis: Axis) -> FourierRecipe {
        if axis.isPeriodic, FourierLength.isGood(axis.signal) { return best(length: axis.signal) }
        return best(atLeast: axis.smallestPeriod)
    }

    /// The cheapest recipe for a length of at least `minimum`.
    static func best(atLeast minimum: Int) -> FourierRecipe {
        best(leaf: FourierLength.best(atLeast: minimum), orInSteps: minimum...)
    }

    /// The cheapest recipe for exactly this length.
    static func best(length: Int) -> FourierRecipe { best(leaf: length, orInSteps: length...length) }

    /// The cheaper one of a leaf alone and the cheapest recipe in steps whose length is one of `lengths`.
    private static func best(leaf: Int, orInSteps lengths: some RangeExpression<Int>) -> FourierRecipe {
        let alone = FourierRecipe(leaf: leaf)
        guard leaf > longestPlainColumn else { return alone }
        return (inSteps.filter { lengths.contains($0.length) } + [alone]).min(by: isCheaper)!
    }

    /// Up to this length FFTW's plans are good ones for all lengths with small prime factors.
    private static let longestPlainColumn = 640

    private static func isCheaper(_ a: FourierRecipe, _ b: FourierRecipe) -> Bool {
        (a.costOfElement * Double(a.length), a.length) < (b.costOfElement * Double(b.length), b.length)
    }

    /// The recipes of one step or two, in leaves that hold whole vectors.
    private static let inSteps = [[4], [8], [4, 8], [8, 8]].flatMap { steps in
        leaves.filter { $0.isMultiple(of: 16) && $0 >= 96 }.map { FourierRecipe(steps: steps, leaf: $0) }
    }
}
