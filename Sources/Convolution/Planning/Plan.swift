import Runtime

/// A plan: the method by which convolutions of one shape are computed, with its tables.
final class Plan<Scalar: ConvolutionScalar>: Sendable {
    let key: PlanKey
    let method: Method<Scalar>

    init(_ key: PlanKey) throws(ConvolutionError) {
        self.key = key
        try key.checkSizes()
        if key.isBestDirect, !key.isAlwaysSpectral {
            try WorkerTeam<Scalar>.checkMemory(ofConvolver: DirectRowConvolver<Scalar>.byteCount(key))
            method = .direct
        } else if let extents = BlockExtents<Scalar>.best(for: key) {
            method = .blocks(try RowBlocks(key, extents: extents))
        } else {
            method = .spectral(key.axes.count == 1 ? try Self.line(key) : try Self.plane(key))
        }
    }

    /// A plan with a given method, for tests of transforms on small shapes.
    init(_ key: PlanKey, method: Method<Scalar>) {
        self.key = key
        self.method = method
    }

    /// The spectral plan for the same key: mixing channels has no direct path.
    func withTransform() throws(ConvolutionError) -> (Plan, SpectralTransform<Scalar>) {
        if case .spectral(let transform) = method { return (self, transform) }
        var key = key
        key.isAlwaysSpectral = true
        let plan: Plan = try PlanCache.plan(key)
        return try plan.withTransform()
    }

    /// The scalars of a prepared kernel, and of a sum of kernel gradients.
    var preparedCount: Int {
        switch method {
        case .spectral(let transform): wholeCacheLines(2 * transform.sizes.spectrumCount)
        case .blocks(let blocks): blocks.sumCount
        case .direct: wholeCacheLines(key.count(.kernel))
        }
    }

    /// The estimated nanoseconds of the work on one row.
    var costOfRow: Int {
        switch method {
        case .spectral(let transform): CostModel.spectralRow(points: transform.sizes.transformedCount)
        case .blocks(let blocks): CostModel.spectralRow(points: blocks.transformedCount)
        case .direct: CostModel.directRow(products: key.count(.output) * key.count(.kernel))
        }
    }

    /// Whether all threads work on one row: its spectra do not fit into a core's cache.
    var sharesRows: Bool {
        guard case .spectral(let transform) = method else { return false }
        return transform.sizes.transformedCount >= CostModel.sharedRowLength
    }

    /// The bytes that a convolver takes whose rows `workerCount` threads share.
    ///
    /// - Throws: ``ConvolutionError/sizeOverflow(extents:)``
    func workspaceByteCount(workerCount: Int) throws(ConvolutionError) -> Int {
        switch method {
        case .spectral(let transform):
            try SpectralRowConvolver<Scalar>.WorkspaceLayout(
                transform.sizes, key, workerCount: workerCount
            ).checkedByteCount()
        case .blocks(let blocks): blocks.workspaceByteCount(workerCount: workerCount)
        case .direct: DirectRowConvolver<Scalar>.byteCount(key)
        }
    }

    /// The transform in one dimension.
    private static func line(_ key: PlanKey) throws(ConvolutionError) -> SpectralTransform<Scalar> {
        try line(
            atLeast: (key.axes[0].smallestPeriod + 1) / 2, intervals: key.intervals(axis: 0), key)
    }

    /// The transform of lines on a ring of at least `length` complex numbers.
    private static func line(
        atLeast length: Int, intervals: [WrappedInterval], _ key: PlanKey
    ) throws(ConvolutionError) -> SpectralTransform<Scalar> {
        let recipe = RightAngleRecipe.best(atLeast: length)
        if let (recipe, set) = key.choice.laneRecipe(atLeast: length, fasterThan: recipe, Scalar.self) {
            try checkMemory(ResidueLaneTransform<Scalar>.sizes(recipe, intervals: intervals), key)
            return .residueLanes(
                ResidueLaneTransform(recipe: recipe, intervals: intervals, instructionSet: set))
        }
        try checkMemory(RightAngleTransform<Scalar>.sizes(recipe, intervals: intervals), key)
        return .rightAngle(
            try RightAngleTransform(recipe: recipe, intervals: intervals, rigour: key.rigour))
    }

    /// The transform in two dimensions.
    private static func plane(_ key: PlanKey) throws(ConvolutionError) -> SpectralTransform<Scalar> {
        // A plane of one row or one column is a row.
        for axis in [0, 1] where key.axes[1 - axis].isSingle {
            return try line(
                atLeast: (key.axes[axis].smallestPeriod + 1) / 2, intervals: key.intervals(axis: axis), key)
        }
        if let transform = try kronecker(key) { return .kronecker(transform) }
        let length = (key.axes[1].smallestPeriod + 1) / 2
        let (recipe, column) = (
            RightAngleRecipe.best(atLeast: length), MixedRadixRecipe.forColumns(key.axes[0])
        )
        let rows = key.intervals(axis: 1)
        if let (recipe, set) = key.choice.lanePlaneRecipe(
            atLeast: length, key.axes, fasterThan: recipe, column, Scalar.self)
        {
            let columns = columnIntervals(key, period: recipe.height)
            let sizes = LanePlaneTransform<Scalar>.sizes(
                recipe, rowIntervals: rows, columnIntervals: columns)
            try checkMemory(sizes, key)
            return .lanePlane(
                LanePlaneTransform(
                    recipe: recipe, rowIntervals: rows, columnIntervals: columns, instructionSet: set))
        }
        let columns = columnIntervals(key, period: column.length)
        let sizes = RowColumnTransform<Scalar>.sizes(
            recipe, column: column, rowIntervals: rows, columnIntervals: columns)
        try checkMemory(sizes, key)
        return .rowColumn(
            try RowColumnTransform(
                recipe: recipe, column: column, rowIntervals: rows, columnIntervals: columns,
                rigour: key.rigour))
    }

    /// Where rows lie on a ring of the given period down the columns.
    private static func columnIntervals(_ key: PlanKey, period: Int) -> [WrappedInterval] {
        var columns = key.intervals(axis: 0)
        if period == key.axes[0].signal {
            // With the signal's own height as the period the rows repeat by themselves.
            for index in columns.indices { columns[index].repeatCount = 0 }
        }
        return columns
    }

    /// The transform of a plane as one line, if it is small, or so narrow that its rows would be mostly padding.
    private static func kronecker(_ key: PlanKey) throws(ConvolutionError) -> KroneckerTransform<Scalar>? {
        guard !key.axes.contains(where: \.isPeriodic) else { return nil }
        let geometry = KroneckerTransform<Scalar>.Geometry(key)
        guard geometry.length <= CostModel.longestKroneckerLine || isCheaperAsLine(key, geometry.length)
        else { return nil }
        return KroneckerTransform(
            try line(atLeast: geometry.length, intervals: geometry.intervals, key), geometry, key)
    }

    private static func isCheaperAsLine(_ key: PlanKey, _ length: Int) -> Bool {
        guard length <= CostModel.longestNarrowPlaneLine,
            key.axes[1].smallestPeriod <= CostModel.narrowPlaneWidth
        else { return false }
        let times = EstimatedTimes<Scalar>(key: key)
        return times.ofPlaneAsLine(atLeast: length) < times.ofPlane
    }

    /// Throws if not even one thread's workspace fits into this process's memory.
    private static func checkMemory(_ sizes: TransformSizes, _ key: PlanKey) throws(ConvolutionError) {
        let layout = SpectralRowConvolver<Scalar>.WorkspaceLayout(sizes, key, workerCount: 1)
        try WorkerTeam<Scalar>.checkMemory(ofConvolver: layout.byteCount)
    }
}

/// How a convolution is computed.
enum Method<Scalar: ConvolutionScalar>: Sendable {
    /// As a pointwise product of spectra.
    case spectral(SpectralTransform<Scalar>)
    /// As the sum of products that defines it, for short kernels.
    case direct
    /// In blocks, each as a product of spectra, for kernels much shorter than the signal.
    case blocks(RowBlocks<Scalar>)

    /// Whether several threads can share a row.
    var isShareable: Bool {
        if case .direct = self { false } else { true }
    }
}
