import CVectorLoops
import Runtime

/// The right-angle transform of a row of reals (see ``RightAngleTransform``) whose vector lanes hold residue rows.
///
/// M = W · N, with W the lanes of a vector. The loop that folds and twists also makes the W-point transform over q of
/// u[q N + s], for W elements s at a time, and transposes the results, so that the W residue rows come to the lanes. What
/// remains is one transform of N points whose numbers are pairs of vectors: plain arithmetic without a shuffle, in place.
/// The spectrum stays permuted. A row fills the lanes by itself, so its bits do not depend on other rows.
///
/// In a long row the tasks that fold also take the first step of the N points, for the elements s that they have just
/// folded; the parts into which it cuts the row are blocks, which threads may transform at once.
///
/// Source: the fold is the decimation in frequency of W. M. Gentleman, G. Sande, "Fast Fourier transforms: for fun and
/// profit" (1966), for one step of radix W.
final class ResidueLaneTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    /// The transform that follows the fold: of N points or, in a long row, of a part of them.
    let inner: LaneTransform<Scalar>
    /// The fold and, in a long row, the first step.
    private let fold: LaneTransform<Scalar>
    private let lanes: Int
    /// The elements of a part that each task takes; 0 where a row is one part.
    private let taskWidth: Int
    private let partLength: Int
    /// 2M.
    private let period: Int
    private let intervals: [WrappedInterval]
    private let folds: LaneFoldTable

    /// - Parameters:
    ///   - recipe: N and its factors.
    ///   - intervals: Where the elements of rows lie, by role.
    ///   - height: The points of a transform along another axis, of which these are the rows, or `nil` for lines.
    ///   - splitFrom: The length from which lines are cut into parts, where they can be.
    ///   - instructionSet: The instruction set of the loops, which the processor must have.
    init(
        recipe: ResidueLaneRecipe, intervals: [WrappedInterval], height: Int? = nil,
        splitFrom: Int = CostModel.shortestSplitLaneRow, instructionSet: vl_instruction_set
    ) {
        let loops = Scalar.laneLoops(instructionSet)
        lanes = Int(loops.pointee.lanes)
        require(lanes == recipe.lanes, "expected a recipe of \(lanes) lanes, got \(recipe)")
        period = 2 * recipe.length
        self.intervals = intervals
        let tables = LaneTables<Scalar>(recipe, tileWidth: Self.tileWidth(recipe), height: height ?? 1)
        fold = LaneTransform(tables, loops: loops)
        let tasks: [[Range<Int>]]
        if height == nil, recipe.length >= splitFrom, recipe.canBeSplit {
            partLength = recipe.rowLength / recipe.steps[0]
            taskWidth = Self.taskWidth(recipe)
            inner = LaneTransform(LaneTables(steps: Array(recipe.steps.dropFirst())), loops: loops)
            let (width, length) = (taskWidth, partLength)
            tasks = stride(from: 0, to: length, by: width).map { first in
                (0..<recipe.steps[0]).map { $0 * length + first..<$0 * length + min(first + width, length) }
            }
        } else {
            (partLength, taskWidth) = (recipe.rowLength, 0)
            inner = fold
            tasks = [[0..<recipe.rowLength]]
        }
        folds = LaneFoldTable(
            intervals: intervals, lanes: lanes, rowLength: recipe.rowLength, tasks: tasks,
            staged: tables.plan.pointee.staged)
        sizes = Self.sizes(
            recipe, intervals: intervals, splitFrom: height == nil ? splitFrom : .max)
    }

    /// The sizes of a transform by the given recipe, of rows at the given intervals (by role).
    static func sizes(
        _ recipe: ResidueLaneRecipe, intervals: [WrappedInterval],
        splitFrom: Int = CostModel.shortestSplitLaneRow
    ) -> TransformSizes {
        let (lanes, length) = (recipe.lanes, recipe.length)
        let isUnwrapped = intervals.map { $0.isUnwrapped(period: 2 * length) }
        let isSplit = length >= splitFrom && recipe.canBeSplit
        let blockCount = isSplit ? recipe.steps[0] : 1
        let taskCount =
            isSplit ? (recipe.rowLength / blockCount + taskWidth(recipe) - 1) / taskWidth(recipe) : 1
        // A row that wraps around is laid on its ring at once.
        func tasks(_ role: OperandRole) -> Int { isUnwrapped[role.rawValue] ? taskCount : 1 }
        return TransformSizes(
            spectrumCount: length, workCount: length,
            // The staging area, a place for values that are not wanted, and 2M reals for rows that wrap around.
            scratchCount: lanes * lanes + tileWidth(recipe) + (isUnwrapped.allSatisfy { $0 } ? 0 : length),
            blockCount: blockCount, blockLength: length / blockCount, transformedCount: length,
            signalTasks: tasks(.signal), kernelTasks: tasks(.kernel), outputTasks: tasks(.output))
    }

    /// Whole tiles, of each part: together as many elements as stay in the cache from the fold to the first step.
    private static func taskWidth(_ recipe: ResidueLaneRecipe) -> Int {
        max(1, CostModel.cachedLaneLength / recipe.steps[0] / tileWidth(recipe)) * tileWidth(recipe)
    }

    /// Whole vectors; a row of few of them has one tile.
    private static func tileWidth(_ recipe: ResidueLaneRecipe) -> Int {
        min((recipe.rowLength + recipe.lanes - 1) / recipe.lanes * recipe.lanes, CostModel.laneTileWidth)
    }
}

// The stages, see ``SpectralTransform``.
extension ResidueLaneTransform {
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if folds.isUnwrapped(context.role) {
            fold(source, folds.runs(context.role, task: task), into: work, context)
            if taskWidth > 0 {
                let columns = columns(ofTask: task)
                fold.loops.pointee.split(fold.plan, work, columns.lowerBound, columns.count)
            }
        } else {
            let ring = ring(context)
            ring.lay(source, at: intervals[context.role.rawValue], context.loops)
            fold(ring.pointer, folds.runs(nil, task: 0), into: work, context)
            if taskWidth > 0 { fold.loops.pointee.split(fold.plan, work, 0, partLength) }
        }
    }

    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if folds.isUnwrapped(context.role) {
            if taskWidth > 0 {
                let columns = columns(ofTask: task)
                fold.loops.pointee.join(fold.plan, work, columns.lowerBound, columns.count)
            }
            unfold(work, folds.runs(context.role, task: task), into: target, context)
        } else {
            let ring = ring(context)
            if taskWidth > 0 { fold.loops.pointee.join(fold.plan, work, 0, partLength) }
            unfold(work, folds.runs(nil, task: 0), into: ring.pointer, context)
            ring.collect(into: target, at: intervals[context.role.rawValue], context.loops)
        }
    }

    /// A block's part of `work`.
    @inline(__always)
    func part(_ block: Int, of work: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Scalar> {
        work + block * partLength * fold.numberCount
    }

    /// The elements of each part that a task folds.
    private func columns(ofTask task: Int) -> Range<Int> {
        task * taskWidth..<min((task + 1) * taskWidth, partLength)
    }

    /// Scratch memory: the staging area, a place for what is not wanted, the ring.
    private func dump(_ context: TransformContext<Scalar>) -> UnsafeMutablePointer<Scalar> {
        context.scratch + 2 * lanes * lanes
    }

    private func ring(_ context: TransformContext<Scalar>) -> Ring<Scalar> {
        Ring(pointer: dump(context) + 2 * fold.plan.pointee.tile_width, period: period)
    }

    @inline(__always)
    private func fold(
        _ source: UnsafePointer<Scalar>, _ runs: UnsafeBufferPointer<vl_lane_run>,
        into work: UnsafeMutablePointer<Scalar>, _ context: TransformContext<Scalar>
    ) {
        fold.loops.pointee.fold(
            fold.plan, runs.baseAddress, runs.count, source, work, context.scratch, context.prefetches)
    }

    @inline(__always)
    private func unfold(
        _ work: UnsafeMutablePointer<Scalar>, _ runs: UnsafeBufferPointer<vl_lane_run>,
        into target: UnsafeMutablePointer<Scalar>, _ context: TransformContext<Scalar>
    ) {
        fold.loops.pointee.unfold(
            fold.plan, runs.baseAddress, runs.count, work, target, context.scratch, dump(context),
            context.prefetches)
    }
}
