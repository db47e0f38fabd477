/// How a row is transformed whose right-angle transform has the length `radix · N`: `radix` residue rows, made by the
/// same loop that folds and twists the reals, each transformed by itself with the length N.
struct LineRecipe: Hashable, Sendable {
    let radix: Int
    /// How each residue row is transformed.
    let row: FourierRecipe

    init(radix: Int, steps: [Int] = [], leaf: Int) {
        self.radix = radix
        row = FourierRecipe(steps: steps, leaf: leaf)
    }

    var length: Int { radix * row.length }

    /// The estimated time of a forward and an inverse transform, in nanoseconds on the machine of the measurements.
    var cost: Double { Double(length) * (row.costOfElement + Self.costOfRadix[radix]) }

    /// The cheapest recipe for a length of at least `length`.
    static func best(atLeast length: Int) -> LineRecipe {
        var recipes: [LineRecipe] = []
        for radix in 1..<costOfRadix.count {
            recipes += FourierRecipe.leaves.map { LineRecipe(radix: radix, leaf: $0) }
            // Short rows need no leaf of the list.
            let exact = (length + radix - 1) / radix
            if exact < shortestListedLeaf { recipes.append(LineRecipe(radix: radix, leaf: exact)) }
        }
        recipes.removeAll { $0.length < length }
        // Longer rows take as few steps as will do.
        if length > stepsPay {
            var depth = 1
            var inSteps: [LineRecipe] = []
            while inSteps.isEmpty {
                inSteps = stepped(depth: depth).filter { $0.length >= length }
                depth += 1
            }
            recipes += inSteps
        }
        return recipes.min { $0.cost < $1.cost }!
    }

    /// The recipes of so many steps, in leaves that hold whole vectors of every kind.
    private static func stepped(depth: Int) -> [LineRecipe] {
        let eights = Array(repeating: 8, count: depth - 1)
        return [4, 8].flatMap { first in
            (4..<costOfRadix.count).flatMap { radix in
                FourierRecipe.leaves.filter { $0 >= 512 }.map {
                    LineRecipe(radix: radix, steps: [first] + eights, leaf: $0)
                }
            }
        }
    }

    /// Above this length a step is considered though a single leaf would do.
    private static let stepsPay = 8192

    /// Nanoseconds per element of folding and unfolding (reals only), by radix.
    private static let costOfRadix: [Double] = [0, 0.26, 0.32, 0.39, 0.45, 0.51, 0.59, 0.66, 0.75]

    private static let shortestListedLeaf = 16
}
