/// Units of work of a chunk that are alike, one after the other.
struct PartitionStage: Sendable {
    enum Kind: Sendable {
        /// The sums of a level that is not transformed.
        case sum
        /// The stages of a short transform; the products of each part are a unit.
        case prepare, transform, multiply, inverse, finish
        /// The stages of a long transform.
        case fold, split(step: Int), leaves, join(step: Int), unfold
    }

    let kind: Kind
    let count: Int
    /// The units of each residue row, for stages of a long transform that work on one row at a time.
    var countOfRow = 0
    /// The estimated nanoseconds of one unit.
    let cost: Double

    /// The stages of direct sums.
    static func direct(_ level: PartitionSchedule.Level) -> [PartitionStage] {
        let cost = Double(level.parts * level.size * level.size) * CostModel.partitionTerm
        return [PartitionStage(kind: .sum, count: 1, cost: cost)]
    }

    /// The stages of a short transform of the given number of points.
    static func whole(_ level: PartitionSchedule.Level, points: Int) -> [PartitionStage] {
        let stage = Double(points) * CostModel.partitionStage
        let product = Double(points) * CostModel.partitionProduct
        return [
            PartitionStage(kind: .prepare, count: 1, cost: stage),
            PartitionStage(kind: .transform, count: 1, cost: stage),
            PartitionStage(kind: .multiply, count: level.parts, cost: product),
            PartitionStage(kind: .inverse, count: 1, cost: stage),
            PartitionStage(kind: .finish, count: 1, cost: stage),
        ]
    }

    /// The stages of a long transform.
    static func stepped<Scalar>(
        _ level: PartitionSchedule.Level, _ transform: RightAngleTransform<Scalar>
    ) -> [PartitionStage] {
        let rows = transform.rows, radix = transform.radix
        let width = foldWidth(transform)
        let fold = Double(radix * width) * CostModel.partitionStep
        let folds = (transform.rowLength + width - 1) / width
        let leafLength = Double(transform.rowLength / rows.leafCount)
        let leaf = leafLength * (CostModel.partitionLeaf + Double(level.parts) * CostModel.partitionProduct)
        func steps(_ levels: some Sequence<Int>, _ kind: (Int) -> Kind) -> [PartitionStage] {
            levels.map { step in
                let units = rows.unitCount(ofStep: step)
                return PartitionStage(
                    kind: kind(step), count: radix * units, countOfRow: units,
                    cost: Double(rows.steps[step].radix * rows.tileWidth) * CostModel.partitionStep)
            }
        }
        return [PartitionStage(kind: .fold, count: folds, cost: fold)]
            + steps(rows.steps.indices) { .split(step: $0) }
            + [
                PartitionStage(
                    kind: .leaves, count: radix * rows.leafCount, countOfRow: rows.leafCount, cost: leaf)
            ]
            + steps(rows.steps.indices.reversed()) { .join(step: $0) }
            + [PartitionStage(kind: .unfold, count: folds, cost: fold)]
    }

    /// The elements s of a unit of folding.
    static func foldWidth<Scalar>(_ transform: RightAngleTransform<Scalar>) -> Int {
        min(transform.rows.tileWidth, CostModel.partitionFoldWidth)
    }
}

/// The work of all levels of a schedule on each block, by which the units of a level are spread: where shorter levels, whose
/// units are few and large, leave room.
struct PartitionLoad {
    /// The nanoseconds of the blocks of a period.
    private var costs = [0.0]

    /// The unit that ends each block of a level's chunk, longest periods last.
    ///
    /// The level's work is poured over the load as water is: w is the level at which Σ max(0, w - load) is all of it. A unit is
    /// done in the block in which the sum up to it reaches the middle of the unit.
    mutating func ends(_ stages: [PartitionStage], period: Int) -> [Int] {
        // The shorter levels' period divides this one.
        costs = (0..<period).map { costs[$0 % costs.count] }
        let units = stages.flatMap { Array(repeating: $0.cost, count: $0.count) }
        let surface = surface(units.reduce(0, +))
        var ends: [Int] = []
        var (unit, spent, allowed) = (0, 0.0, 0.0)
        for block in 0..<period {
            allowed += max(0, surface - costs[block])
            let isLast = block == period - 1
            while unit < units.count, isLast || spent + units[unit] / 2 <= allowed {
                spent += units[unit]
                costs[block] += units[unit]
                unit += 1
            }
            ends.append(unit)
        }
        return ends
    }

    /// The w at which Σ max(0, w - load) is `amount`.
    private func surface(_ amount: Double) -> Double {
        var (sum, last) = (0.0, 0.0)
        for (index, cost) in costs.sorted().enumerated() {
            // With w at this cost, the blocks before it take w · index - sum.
            if index > 0, cost * Double(index) - sum >= amount { break }
            sum += cost
            last = (amount + sum) / Double(index + 1)
        }
        return last
    }
}
