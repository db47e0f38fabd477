/// The estimated times of a plan's transforms, there and back, in nanoseconds.
struct EstimatedTimes<Scalar: ConvolutionScalar> {
    let key: PlanKey

    /// A line on a ring of at least `length` complex numbers.
    func ofLine(atLeast length: Int) -> Double {
        let other = RightAngleRecipe.best(atLeast: length)
        let (cost, points) =
            key.choice.laneRecipe(atLeast: length, fasterThan: other, Scalar.self)
            .map { ($0.recipe.cost, $0.recipe.length) }
            ?? (other.cost * CostModel.precisionFactor(Scalar.self), other.length)
        return cost * memoryFactor(points)
    }

    private func memoryFactor(_ points: Int) -> Double {
        CostModel.memoryFactor(byteCount: 2 * points * MemoryLayout<Scalar>.stride)
    }

    /// The plane by rows and columns.
    var ofPlane: Double {
        let length = (key.axes[1].smallestPeriod + 1) / 2
        let (row, column) = (
            RightAngleRecipe.best(atLeast: length), MixedRadixRecipe.forColumns(key.axes[0])
        )
        let cost = key.choice.costOfPlane(atLeast: length, key.axes, row, column, Scalar.self)
        return cost * memoryFactor(length * column.length)
    }

    /// The plane as one line on a ring of at least `length` complex numbers, its rows copied to the line and from it.
    func ofPlaneAsLine(atLeast length: Int) -> Double {
        ofLine(atLeast: length) + Double(2 * length) * CostModel.costOfTiledElement
    }
}
