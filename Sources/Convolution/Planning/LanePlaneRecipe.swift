/// How a plane is transformed in residue lanes: its rows, and its columns in steps.
struct LanePlaneRecipe: Hashable, Sendable {
    let row: ResidueLaneRecipe
    /// The radices down the columns, first to last.
    let columnSteps: [Int]

    /// The period down the columns.
    var height: Int { columnSteps.reduce(1, *) }

    /// The estimated nanoseconds of a forward and an inverse transform of a plane of that number of rows.
    func cost(rowCount: Int) -> Double {
        Double(rowCount) * row.cost + Double(row.rowLength) * Self.columnCost(columnSteps, row.vectorBytes)
    }

    /// The same of one column of vectors.
    private static func columnCost(_ steps: [Int], _ vectorBytes: Int) -> Double {
        let cost = steps.reduce(CostModel.laneCopy) {
            $0 + 2 * CostModel.laneStep(radix: $1, vectorBytes: vectorBytes)
        }
        return Double(steps.reduce(1, *)) * cost
    }

    /// The cheapest recipe for planes whose rows lie on a ring of at least `length` complex numbers, or `nil` for columns
    /// whose period must be a length that has no steps.
    static func best(
        atLeast length: Int, column: Axis, rowCount: Int, lanes: Int, vectorBytes: Int
    ) -> LanePlaneRecipe? {
        let smallest = column.smallestPeriod
        // A periodic axis needs no padding if its own length has steps.
        let exact =
            column.isPeriodic ? ResidueLaneRecipe.steps(of: column.signal, vectorBytes: vectorBytes) : nil
        let candidates =
            exact.map { [$0] }
            ?? ResidueLaneRecipe.lengths(in: max(2, smallest)...2 * max(2, smallest)).compactMap {
                ResidueLaneRecipe.steps(of: $0, vectorBytes: vectorBytes)
            }
        guard
            let steps = candidates.filter({ !$0.isEmpty }).min(by: {
                columnCost($0, vectorBytes) < columnCost($1, vectorBytes)
            })
        else { return nil }
        let row = ResidueLaneRecipe.best(
            atLeast: length, lanes: lanes, vectorBytes: vectorBytes,
            besides: columnCost(steps, vectorBytes) / Double(rowCount))
        return LanePlaneRecipe(row: row, columnSteps: steps)
    }
}
