import CVectorLoops
import Runtime

/// The right-angle transform of a row of reals (see ``RightAngleTransform``) whose vector lanes hold residue rows.
///
/// M = W · N, with W the lanes of a vector. The loop that folds and twists also makes the W-point transform over q of
/// u[q N + s], for W elements s at a time, and transposes the results, so that the W residue rows come to the lanes. What
/// remains is one transform of N points whose numbers are pairs of vectors: plain arithmetic without a shuffle, in place.
/// The spectrum stays permuted. A row fills the lanes by itself, so its bits do not depend on other rows.
///
/// Source: the fold is the decimation in frequency of W. M. Gentleman, G. Sande, "Fast Fourier transforms: for fun and
/// profit" (1966), for one step of radix W.
final class ResidueLaneTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    /// The transform of N points that follows the fold.
    let inner: LaneTransform<Scalar>
    private let lanes: Int
    /// 2M.
    private let period: Int
    private let intervals: [WrappedInterval]
    private let folds: LaneFoldTable

    /// - Parameters:
    ///   - recipe: N and its factors.
    ///   - intervals: Where the elements of rows lie, by role.
    ///   - height: The points of a transform along another axis, of which these are the rows.
    ///   - instructionSet: The instruction set of the loops, which the processor must have.
    init(
        recipe: ResidueLaneRecipe, intervals: [WrappedInterval], height: Int = 1,
        instructionSet: vl_instruction_set
    ) {
        let loops = Scalar.laneLoops(instructionSet)
        lanes = Int(loops.pointee.lanes)
        require(lanes == recipe.lanes, "expected a recipe of \(lanes) lanes, got \(recipe)")
        period = 2 * recipe.length
        self.intervals = intervals
        let tables = LaneTables<Scalar>(recipe, tileWidth: Self.tileWidth(recipe), height: height)
        inner = LaneTransform(tables, loops: loops)
        folds = LaneFoldTable(
            intervals: intervals, lanes: lanes, rowLength: recipe.rowLength,
            staged: tables.plan.pointee.staged)
        sizes = Self.sizes(recipe, intervals: intervals)
    }

    /// The sizes of a transform by the given recipe, of rows at the given intervals (by role).
    static func sizes(_ recipe: ResidueLaneRecipe, intervals: [WrappedInterval]) -> TransformSizes {
        let (lanes, length) = (recipe.lanes, recipe.length)
        let isUnwrapped = intervals.allSatisfy { $0.isUnwrapped(period: 2 * length) }
        return TransformSizes(
            spectrumCount: length, workCount: length,
            // The staging area, a place for values that are not wanted, and 2M reals for rows that wrap around.
            scratchCount: lanes * lanes + tileWidth(recipe) + (isUnwrapped ? 0 : length),
            blockCount: 1, blockLength: length, transformedCount: length, signalTasks: 1, kernelTasks: 1,
            outputTasks: 1)
    }

    /// Whole vectors; a row of few of them has one tile.
    private static func tileWidth(_ recipe: ResidueLaneRecipe) -> Int {
        min((recipe.rowLength + recipe.lanes - 1) / recipe.lanes * recipe.lanes, CostModel.laneTileWidth)
    }
}

// The stages, see ``SpectralTransform``; there is one task and one block.
extension ResidueLaneTransform {
    func prepareRow(
        of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if folds.isUnwrapped(context.role) {
            fold(source, folds.runs(context.role), into: work, context)
        } else {
            let ring = ring(context)
            ring.lay(source, at: intervals[context.role.rawValue], context.loops)
            fold(ring.pointer, folds.runs(nil), into: work, context)
        }
    }

    func finishRow(
        _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if folds.isUnwrapped(context.role) {
            unfold(work, folds.runs(context.role), into: target, context)
        } else {
            let ring = ring(context)
            unfold(work, folds.runs(nil), into: ring.pointer, context)
            ring.collect(into: target, at: intervals[context.role.rawValue], context.loops)
        }
    }

    /// Scratch memory: the staging area, a place for what is not wanted, the ring.
    private func dump(_ context: TransformContext<Scalar>) -> UnsafeMutablePointer<Scalar> {
        context.scratch + 2 * lanes * lanes
    }

    private func ring(_ context: TransformContext<Scalar>) -> Ring<Scalar> {
        Ring(pointer: dump(context) + 2 * inner.plan.pointee.tile_width, period: period)
    }

    @inline(__always)
    private func fold(
        _ source: UnsafePointer<Scalar>, _ runs: UnsafeBufferPointer<vl_lane_run>,
        into work: UnsafeMutablePointer<Scalar>, _ context: TransformContext<Scalar>
    ) {
        inner.loops.pointee.fold(inner.plan, runs.baseAddress, runs.count, source, work, context.scratch)
    }

    @inline(__always)
    private func unfold(
        _ work: UnsafeMutablePointer<Scalar>, _ runs: UnsafeBufferPointer<vl_lane_run>,
        into target: UnsafeMutablePointer<Scalar>, _ context: TransformContext<Scalar>
    ) {
        inner.loops.pointee.unfold(
            inner.plan, runs.baseAddress, runs.count, work, target, context.scratch, dump(context))
    }
}
