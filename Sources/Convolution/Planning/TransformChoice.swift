import CVectorLoops
import Runtime

/// What decides, besides a plan's shape, how its rows are transformed.
struct TransformChoice: Hashable, Sendable {
    /// The kinds of transforms of rows.
    enum Kind: String, Sendable {
        /// On FFTW's transforms.
        case fftw
        /// The engine's own, with residue rows in vector lanes.
        case lanes
    }

    private let setNumber: UInt32
    /// The kind that is asked for; `nil` for the faster one.
    private let kind: Kind?

    /// - Parameter kind: The kind that is asked for; `nil` for the faster one.
    init(_ kind: Kind?) {
        setNumber = vl_best_instruction_set().rawValue
        self.kind = kind
    }

    /// The choice for plans that are made now.
    static var current: TransformChoice { TransformChoice(forcedKind ?? kindOfEnvironment) }

    /// For tests: the kind of all plans that are made within a scope.
    @TaskLocal static var forcedKind: Kind?

    /// `LONGCONV_TRANSFORMS`, if it is set to `fftw` or `lanes`. Here `LONGCONV_INSTRUCTION_SET` is looked at, too, which
    /// the vector loops read.
    private static let kindOfEnvironment: Kind? = {
        if let text = environment("LONGCONV_INSTRUCTION_SET"), !["baseline", "avx2", "avx512"].contains(text)
        {
            writeWarning(
                "LONGCONV_INSTRUCTION_SET: expected baseline, avx2 or avx512, found \"\(text)\"; using the widest"
            )
        }
        guard let text = environment("LONGCONV_TRANSFORMS") else { return nil }
        if let kind = Kind(rawValue: text) { return kind }
        writeWarning("LONGCONV_TRANSFORMS: expected fftw or lanes, found \"\(text)\"; using the faster one")
        return nil
    }()

    /// The widest instruction set of this processor, unless a test lowered it.
    private var widestSet: vl_instruction_set { vl_instruction_set(rawValue: setNumber) }
}

extension TransformChoice {
    /// The instruction sets whose vectors are considered, narrow ones first.
    private var sets: [vl_instruction_set] {
        [vl_baseline, vl_avx2, vl_avx512].filter { $0.rawValue <= setNumber }
    }

    /// The recipe for a ring of at least `length` complex numbers if residue lanes are faster than `other`, a transform on
    /// FFTW: with vectors as wide as the processor has them or, for short rows, narrower ones.
    func laneRecipe<Scalar: ConvolutionScalar>(
        atLeast length: Int, fasterThan other: RightAngleRecipe, _: Scalar.Type
    ) -> (recipe: ResidueLaneRecipe, set: vl_instruction_set)? {
        guard kind != .fftw, length <= CostModel.longestLaneRow else { return nil }
        let recipes = sets.map { set in
            let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
            let recipe = ResidueLaneRecipe.best(
                atLeast: length, lanes: lanes, vectorBytes: lanes * MemoryLayout<Scalar>.stride,
                isSplit: length >= CostModel.shortestSplitLaneRow)
            return (recipe: recipe, set: set)
        }
        if kind == .lanes { return recipes.last }
        let best = recipes.filter { $0.recipe.rowLength >= $0.recipe.lanes }
            .min { $0.recipe.cost < $1.recipe.cost }
        return best.flatMap {
            $0.recipe.cost < other.cost * CostModel.precisionFactor(Scalar.self) ? $0 : nil
        }
    }

    /// The same for planes, whose rows lie on such a ring, and whose columns FFTW transforms by `column`.
    func lanePlaneRecipe<Scalar: ConvolutionScalar>(
        atLeast length: Int, _ axes: [Axis], fasterThan row: RightAngleRecipe, _ column: MixedRadixRecipe,
        _: Scalar.Type
    ) -> (recipe: LanePlaneRecipe, set: vl_instruction_set)? {
        let height = axes[0].smallestPeriod
        guard kind != .fftw, max(length, height) <= CostModel.longestPlaneLaneRow else { return nil }
        let rowCount = max(axes[0].signal, axes[0].output)
        let recipes = sets.compactMap { set in
            let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
            return LanePlaneRecipe.best(
                atLeast: length, column: axes[0], rowCount: rowCount, lanes: lanes,
                vectorBytes: lanes * MemoryLayout<Scalar>.stride
            ).map { (recipe: $0, set: set) }
        }
        if kind == .lanes { return recipes.last }
        let other = Self.costOnFFTW(rowCount: rowCount, row, column)
        return recipes.min { $0.recipe.cost(rowCount: rowCount) < $1.recipe.cost(rowCount: rowCount) }.flatMap
        {
            $0.recipe.cost(rowCount: rowCount) < other * CostModel.precisionFactor(Scalar.self) ? $0 : nil
        }
    }

    /// The estimated nanoseconds of a plane's transform and its inverse, the faster of the two.
    func costOfPlane<Scalar: ConvolutionScalar>(
        atLeast length: Int, _ axes: [Axis], _ row: RightAngleRecipe, _ column: MixedRadixRecipe,
        _: Scalar.Type
    ) -> Double {
        let rowCount = max(axes[0].signal, axes[0].output)
        return lanePlaneRecipe(atLeast: length, axes, fasterThan: row, column, Scalar.self)
            .map { $0.recipe.cost(rowCount: rowCount) }
            ?? Self.costOnFFTW(rowCount: rowCount, row, column) * CostModel.precisionFactor(Scalar.self)
    }

    private static func costOnFFTW(rowCount: Int, _ row: RightAngleRecipe, _ column: MixedRadixRecipe)
        -> Double
    {
        Double(rowCount) * row.cost + Double(row.length * column.length)
            * (column.costPerElement + CostModel.columnTranspose)
    }
}
