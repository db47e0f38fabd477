/// The factors of a right-angle transform's length, radix · N: `radix` residue rows, computed by the same loop that
/// folds and twists the reals, each then transformed by itself with the length N.
struct RightAngleRecipe: Hashable, Sendable {
    let radix: Int
    /// How each residue row is transformed.
    let row: MixedRadixRecipe

    init(radix: Int, steps: [Int] = [], leaf: Int) {
        self.radix = radix
        row = MixedRadixRecipe(steps: steps, leaf: leaf)
    }

    var length: Int { radix * row.length }

    /// The estimated nanoseconds of a forward and an inverse transform.
    var cost: Double { Double(length) * (row.costPerElement + CostModel.foldByRadix[radix]) }

    /// The cheapest recipe for a length of at least `length`.
    static func best(atLeast length: Int) -> RightAngleRecipe {
        var recipes: [RightAngleRecipe] = []
        for radix in 1..<CostModel.foldByRadix.count {
            recipes += MixedRadixRecipe.leaves.map { RightAngleRecipe(radix: radix, leaf: $0) }
            // Short rows need no leaf of the list.
            let exact = (length + radix - 1) / radix
            if exact < CostModel.shortestListedLeaf {
                recipes.append(RightAngleRecipe(radix: radix, leaf: exact))
            }
        }
        recipes.removeAll { $0.length < length }
        // Longer rows take as few steps as suffice.
        if length > CostModel.longestRowInOneStep {
            var depth = 1
            var inSteps: [RightAngleRecipe] = []
            while inSteps.isEmpty {
                inSteps = stepped(depth: depth).filter { $0.length >= length }
                depth += 1
            }
            recipes += inSteps
        }
        return recipes.min { $0.cost < $1.cost }!
    }

    /// The cheapest recipe for a length of at least `length` whose leaves have at most `longestLeaf` points.
    static func best(atLeast length: Int, longestLeaf: Int) -> RightAngleRecipe {
        var recipes: [RightAngleRecipe] = []
        // Each step more makes recipes at least four times as long; the last ones suffice for any length.
        for depth in 0... {
            let candidates = stepped(depth: depth, leaves: 128...longestLeaf).filter { $0.length >= length }
            recipes += candidates
            if depth > 0, candidates.contains(where: { $0.length >= 4 * length }) { break }
        }
        return recipes.min { $0.cost < $1.cost }!
    }

    /// The recipes of `depth` steps, in leaves that consist of whole vectors of every width.
    private static func stepped(depth: Int, leaves: ClosedRange<Int> = 512...Int.max) -> [RightAngleRecipe] {
        let steps =
            depth == 0 ? [[]] : [4, 8].map { [$0] + Array(repeating: 8, count: depth - 1) }
        return steps.flatMap { steps in
            (4..<CostModel.foldByRadix.count).flatMap { radix in
                MixedRadixRecipe.leaves.filter { leaves.contains($0) && $0.isMultiple(of: 64) }.map {
                    RightAngleRecipe(radix: radix, steps: steps, leaf: $0)
                }
            }
        }
    }
}
