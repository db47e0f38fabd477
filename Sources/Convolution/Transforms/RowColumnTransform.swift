/// The transform of a plane of reals: right-angle along the rows, an ordinary complex transform down the columns.
///
/// Rows that are zero (the padding) are never transformed along the first axis. The columns are transposed a block at a
/// time (FFTW transforms rows three to five times as fast as columns), transformed, multiplied and transformed back
/// while they are in the cache.
final class RowColumnTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    private let rows: RightAngleTransform<Scalar>
    /// The period down the columns.
    private let height: Int
    /// The columns that are transformed together.
    private let width: Int
    private let rowsPerTask: Int
    private let columns: MixedRadixFFT<Scalar>
    /// Down the columns, by role.
    private let intervals: [WrappedInterval]
    /// The lengths of the rows, by role, in reals.
    private let rowLengths: [Int]

    /// - Parameters:
    ///   - recipe: How the rows are transformed.
    ///   - column: How the columns are transformed; its length is the period down the columns.
    ///   - rowIntervals: Where elements lie along a row, by role.
    ///   - columnIntervals: Where rows lie down the columns, by role.
    ///   - rigour: How long FFTW may look for plans.
    init(
        recipe: RightAngleRecipe, column: MixedRadixRecipe, rowIntervals: [WrappedInterval],
        columnIntervals: [WrappedInterval],
        rigour: Rigour
    ) throws(ConvolutionError) {
        height = column.length
        rows = try RightAngleTransform(
            recipe: recipe, intervals: rowIntervals, height: height, rigour: rigour)
        intervals = columnIntervals
        rowLengths = rowIntervals.map(\.count)
        let rowStride = rows.sizes.spectrumCount
        width = Self.width(rowStride: rowStride, height: height)
        rowsPerTask = Self.rowsPerTask(rowStride: rowStride)
        columns = try MixedRadixFFT(column, count: width, rigour: rigour)
        sizes = Self.sizes(
            recipe, column: column, rowIntervals: rowIntervals, columnIntervals: columnIntervals)
    }

    /// The sizes of a transform by the given recipes, with rows and columns at the given intervals (by role).
    static func sizes(
        _ recipe: RightAngleRecipe, column: MixedRadixRecipe, rowIntervals: [WrappedInterval],
        columnIntervals: [WrappedInterval]
    ) -> TransformSizes {
        let row = RightAngleTransform<Scalar>.sizes(recipe, intervals: rowIntervals)
        let stride = MixedRadixFFT<Scalar>.stride(column)
        let width = width(rowStride: row.spectrumCount, height: column.length)
        let rowsPerTask = rowsPerTask(rowStride: row.spectrumCount)
        let tasks = columnIntervals.map { ($0.count + rowsPerTask - 1) / rowsPerTask }
        return TransformSizes(
            spectrumCount: stride * row.spectrumCount,
            workCount: columnIntervals.map(\.count).max()! * row.spectrumCount,
            // What the rows need, or a block of columns.
            scratchCount: max(row.workCount + row.scratchCount, stride * width),
            blockCount: row.spectrumCount / width, blockLength: stride * width,
            transformedCount: column.length * row.transformedCount,
            signalTasks: tasks[OperandRole.signal.rawValue], kernelTasks: tasks[OperandRole.kernel.rawValue],
            outputTasks: tasks[OperandRole.output.rawValue])
    }

    private static func rowsPerTask(rowStride: Int) -> Int { max(1, CostModel.planeTaskLength / rowStride) }

    /// The width of a block of columns: a divisor of the rows' distance and a multiple of a cache line, for blocks of about
    /// ``CostModel/columnBlockBytes``.
    private static func width(rowStride: Int, height: Int) -> Int {
        let line = 8
        let lines = rowStride / line
        let wanted = max(
            1, CostModel.columnBlockBytes / (height * line * 2 * MemoryLayout<Scalar>.stride))
        return line * (1...min(lines, wanted)).last { lines.isMultiple(of: $0) }!
    }
}

// The stages, see ``SpectralTransform``.
extension RowColumnTransform {
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let sizes = rows.sizes
        let rowContext = context.skippingScratch(2 * sizes.workCount)
        for row in rowsOfTask(task, context.role) {
            for part in 0..<sizes.taskCount(context.role) {
                rows.prepareRow(
                    part, of: source + row * rowLengths[context.role.rawValue], into: context.scratch,
                    rowContext)
            }
            for block in 0..<sizes.blockCount {
                let spectrum = work + 2 * (row * sizes.spectrumCount + block * sizes.blockLength)
                rows.transform(block, of: context.scratch, into: spectrum, rowContext)
            }
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let interval = intervals[context.role.rawValue]
        let rowStride = rows.sizes.spectrumCount
        if interval.count < height { context.scratch.update(repeating: 0, count: 2 * sizes.blockLength) }
        interval.forEachRun(at: 0..<height, period: height) { run in
            let source = work + 2 * ((run.element - run.position) * rowStride + block * width)
            columns.forEachTile(of: run.position..<run.position + run.count) { first, tile, j, count in
                context.loops.pointee.transpose(
                    source + 2 * first * rowStride, rowStride,
                    context.scratch + 2 * (columns.offset(ofTile: tile) + j), columns.stride, count, width)
            }
        }
        columns.transform(context.scratch, into: spectrum, context.loops)
    }

    func inverseTransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        columns.inverseTransform(spectrum, into: context.scratch, context.loops)
        let interval = intervals[context.role.rawValue]
        let rowStride = rows.sizes.spectrumCount
        addRepeats(of: interval, in: context.scratch, context.loops)
        let once = WrappedInterval(start: interval.start, count: interval.count)
        once.forEachRun(at: 0..<height, period: height) { run in
            let target = work + 2 * ((run.element - run.position) * rowStride + block * width)
            columns.forEachTile(of: run.position..<run.position + run.count) { first, tile, j, count in
                context.loops.pointee.transpose(
                    context.scratch + 2 * (columns.offset(ofTile: tile) + j), columns.stride,
                    target + 2 * first * rowStride, rowStride, width, count)
            }
        }
    }

    /// Adds what rows take from their second position to their first.
    private func addRepeats(
        of interval: WrappedInterval, in scratch: UnsafeMutablePointer<Scalar>, _ loops: Loops
    ) {
        interval.forEachRepeat(period: height) { position, repeated in
            let first = columns.offset(ofElement: position)
            let second = columns.offset(ofElement: repeated)
            for column in 0..<width {
                let line = scratch + 2 * column * columns.stride
                loops.pointee.add_scaled(line + 2 * second, 1, line + 2 * first, 2)
            }
        }
    }

    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let sizes = rows.sizes
        let rowContext = context.skippingScratch(2 * sizes.workCount)
        for row in rowsOfTask(task, context.role) {
            for block in 0..<sizes.blockCount {
                let spectrum = work + 2 * (row * sizes.spectrumCount + block * sizes.blockLength)
                rows.inverseTransform(block, from: spectrum, into: context.scratch, rowContext)
            }
            for part in 0..<sizes.taskCount(context.role) {
                rows.finishRow(
                    part, context.scratch, into: target + row * rowLengths[context.role.rawValue], rowContext)
            }
        }
    }

    func executeTaskFFTs(
        _ task: Int, _ role: OperandRole, _ work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        for row in rowsOfTask(task, role) {
            for block in 0..<rows.sizes.blockCount {
                rows.executeBlockFFTs(block, work + 2 * row * rows.sizes.spectrumCount, into: scratch)
            }
        }
    }

    func executeBlockFFTs(
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {
        columns.executeFFTs(scratch, into: spectrum)
    }

    private func rowsOfTask(_ task: Int, _ role: OperandRole) -> Range<Int> {
        let count = intervals[role.rawValue].count
        return task * rowsPerTask..<min((task + 1) * rowsPerTask, count)
    }
}
