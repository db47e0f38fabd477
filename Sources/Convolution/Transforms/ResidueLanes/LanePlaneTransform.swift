import CVectorLoops
import Runtime

/// The transform of a plane of reals in residue lanes: right-angle along the rows, an ordinary complex transform down the
/// columns.
///
/// Along the rows it is ``ResidueLaneTransform``, which leaves for each s a number of W lanes, one for each residue row. Down
/// the columns the numbers of one s are transformed as they are: W columns at once, without any transposition. Rows that are
/// zero (the padding) are never transformed along the first axis.
final class LanePlaneTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    private let rows: ResidueLaneTransform<Scalar>
    let columns: LaneTransform<Scalar>
    /// The period down the columns.
    private let height: Int
    private let rowsPerTask: Int
    /// Whether planes are too large to be prefetched as a whole: their rows are prefetched one by one.
    private let isLarge: Bool
    /// Down the columns, by role.
    private let intervals: [WrappedInterval]
    /// The lengths of the rows, by role, in reals.
    private let rowLengths: [Int]

    /// - Parameters:
    ///   - recipe: How rows are transformed, and columns.
    ///   - rowIntervals: Where elements lie along a row, by role.
    ///   - columnIntervals: Where rows lie down the columns, by role.
    ///   - instructionSet: The instruction set of the loops, which the processor must have.
    init(
        recipe: LanePlaneRecipe, rowIntervals: [WrappedInterval], columnIntervals: [WrappedInterval],
        instructionSet: vl_instruction_set
    ) {
        height = recipe.height
        intervals = columnIntervals
        rowLengths = rowIntervals.map(\.count)
        rows = ResidueLaneTransform(
            recipe: recipe.row, intervals: rowIntervals, height: height, instructionSet: instructionSet)
        columns = LaneTransform(
            LaneTables(steps: recipe.columnSteps), loops: Scalar.laneLoops(instructionSet))
        rowsPerTask = Self.rowsPerTask(recipe)
        let largest = zip(rowIntervals, columnIntervals).map { $0.count * $1.count }.max()!
        isLarge = largest * MemoryLayout<Scalar>.stride > CostModel.longestPrefetchedRow
        sizes = Self.sizes(recipe, rowIntervals: rowIntervals, columnIntervals: columnIntervals)
    }

    /// The sizes of a transform by the given recipe, with rows and columns at the given intervals (by role).
    static func sizes(
        _ recipe: LanePlaneRecipe, rowIntervals: [WrappedInterval], columnIntervals: [WrappedInterval]
    ) -> TransformSizes {
        let row = ResidueLaneTransform<Scalar>.sizes(
            recipe.row, intervals: rowIntervals, splitFrom: .max)
        let rowsPerTask = rowsPerTask(recipe)
        let tasks = columnIntervals.map { ($0.count + rowsPerTask - 1) / rowsPerTask }
        return TransformSizes(
            spectrumCount: recipe.height * row.spectrumCount,
            workCount: columnIntervals.map(\.count).max()! * row.spectrumCount,
            scratchCount: row.scratchCount,
            blockCount: recipe.row.rowLength, blockLength: recipe.height * recipe.row.lanes,
            transformedCount: recipe.height * row.transformedCount,
            signalTasks: tasks[OperandRole.signal.rawValue], kernelTasks: tasks[OperandRole.kernel.rawValue],
            outputTasks: tasks[OperandRole.output.rawValue])
    }

    private static func rowsPerTask(_ recipe: LanePlaneRecipe) -> Int {
        max(1, CostModel.planeTaskLength / recipe.row.length)
    }
}

// The stages, see ``SpectralTransform``; a block is one s.
extension LanePlaneTransform {
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let (range, length) = (rowsOfTask(task, context.role), rowLengths[context.role.rawValue])
        let stride = 2 * rows.sizes.spectrumCount
        withQueue(context) { queue, context in
            for row in range {
                let (elements, target) = (source + row * length, work + row * stride)
                if row + 1 < range.upperBound {
                    queue?.read(elements + length, byteCount: length * MemoryLayout<Scalar>.stride)
                    queue?.write(target + stride, byteCount: stride * MemoryLayout<Scalar>.stride)
                }
                queue?.divide()
                rows.prepareRow(0, of: elements, into: target, context)
                rows.inner.transform(target, into: target, prefetching: context.prefetches)
            }
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        gather(block, of: work, into: spectrum, context.role)
        columns.transform(spectrum, into: spectrum)
    }

    func inverseTransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        columns.inverseTransform(from: spectrum, into: spectrum)
        scatter(block, spectrum, into: work, context)
    }

    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let (range, length) = (rowsOfTask(task, context.role), rowLengths[context.role.rawValue])
        let stride = 2 * rows.sizes.spectrumCount
        withQueue(context) { queue, context in
            for row in range {
                let (elements, spectrum) = (target + row * length, work + row * stride)
                queue?.write(elements, byteCount: length * MemoryLayout<Scalar>.stride)
                if row + 1 < range.upperBound {
                    queue?.write(spectrum + stride, byteCount: stride * MemoryLayout<Scalar>.stride)
                }
                queue?.divide()
                rows.inner.inverseTransform(
                    from: spectrum, into: spectrum, prefetching: context.prefetches)
                rows.finishRow(0, spectrum, into: elements, context)
            }
        }
    }

    /// Calls `body` with a queue for the rows of a plane that is too large to be prefetched as a whole.
    private func withQueue(
        _ context: TransformContext<Scalar>,
        _ body: (PrefetchQueue?, TransformContext<Scalar>) -> Void
    ) {
        guard isLarge else { return body(nil, context) }
        let queue = PrefetchQueue()
        defer { queue.deallocate() }
        body(queue, context.prefetching(queue.prefetches))
    }

    private func rowsOfTask(_ task: Int, _ role: OperandRole) -> Range<Int> {
        let count = intervals[role.rawValue].count
        return task * rowsPerTask..<min((task + 1) * rowsPerTask, count)
    }
}

// Columns.
extension LanePlaneTransform {
    /// Copies the numbers of one s from the rows to one behind the other.
    private func gather(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into column: UnsafeMutablePointer<Scalar>,
        _ role: OperandRole
    ) {
        let interval = intervals[role.rawValue]
        let rowStride = 2 * rows.sizes.spectrumCount
        clearPadding(column, interval)
        interval.forEachRun(at: 0..<height, period: height) { run in
            columns.loops.pointee.copy(
                work + run.element * rowStride + block * columns.numberCount, rowStride,
                column + run.position * columns.numberCount, columns.numberCount, run.count)
        }
    }

    /// Sets the numbers of a column where there is no row to zero.
    private func clearPadding(_ column: UnsafeMutablePointer<Scalar>, _ interval: WrappedInterval) {
        guard interval.count < height else { return }
        let padding =
            interval.repeatCount > 0
            ? WrappedInterval(start: 0, count: height)
            : WrappedInterval(start: interval.start + interval.count, count: height - interval.count)
        padding.forEachRun(at: 0..<height, period: height) { run in
            (column + run.position * columns.numberCount)
                .update(repeating: 0, count: run.count * columns.numberCount)
        }
    }

    /// The opposite of `gather`: rows that have two positions get the sum of both.
    private func scatter(
        _ block: Int, _ column: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let interval = intervals[context.role.rawValue]
        let rowStride = 2 * rows.sizes.spectrumCount
        interval.forEachRepeat(period: height) { first, second in
            context.loops.pointee.add_scaled(
                column + second * columns.numberCount, 1, column + first * columns.numberCount,
                columns.numberCount)
        }
        let once = WrappedInterval(start: interval.start, count: interval.count)
        once.forEachRun(at: 0..<height, period: height) { run in
            columns.loops.pointee.copy(
                column + run.position * columns.numberCount, columns.numberCount,
                work + run.element * rowStride + block * columns.numberCount, rowStride, run.count)
        }
    }

    /// See ``SpectralTransform/convolve(_:of:with:_:_:)``.
    func convolve(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, with kernel: UnsafePointer<Scalar>,
        _ orientation: Orientation, _ memory: BlockMemory<Scalar>
    ) {
        gather(block, of: work, into: memory.first, .signal)
        columns.convolve(memory.first, with: kernel, isConjugated: orientation == .correlation)
        scatter(block, memory.first, into: work, memory.context(.output))
    }

    /// See ``SpectralTransform/pullBack(_:of:signal:kernel:_:isSignalWanted:addingTo:_:)``.
    func pullBack(
        _ block: Int, of upstream: UnsafeMutablePointer<Scalar>, signal: UnsafeMutablePointer<Scalar>,
        kernel: UnsafePointer<Scalar>, _ orientation: Orientation, isSignalWanted: Bool,
        addingTo sum: UnsafeMutablePointer<Scalar>?, _ memory: BlockMemory<Scalar>
    ) {
        gather(block, of: upstream, into: memory.first, .output)
        if sum != nil { gather(block, of: signal, into: memory.second, .signal) }
        columns.pullBack(
            memory.first, signal: memory.second, kernel: kernel, orientation,
            isSignalWanted: isSignalWanted, addingTo: sum)
        if isSignalWanted { scatter(block, memory.first, into: upstream, memory.context(.signal)) }
    }
}
