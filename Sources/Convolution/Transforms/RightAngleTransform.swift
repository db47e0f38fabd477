import Runtime

/// The right-angle transform of a row of reals: convolution modulo z^M - i.
///
/// With ω = exp(iπ/2M), so that ω^M = i, a row x of up to 2M reals becomes the M complex numbers
/// `u[m] = (x[m] + i·x[m + M]) · ω^m` (fold and twist), whose discrete Fourier transform is x(z) at the M roots of
/// z^M = i. The other roots of z^{2M} = -1 are their conjugates and add nothing for real rows. Products of spectra are
/// negacyclic convolutions of period 2M, with no zeros transformed for rows of up to M reals and no unpacking.
///
/// Here M = radix · N. With m = q · N + s, the loop that folds and twists also computes the sum over q; what remains
/// are `radix` transforms over s of length N, the residue rows; see ``MixedRadixFFT``. The spectrum stays permuted:
/// pointwise products do not depend on its order.
///
/// Source: R. Crandall, B. Fagin, "Discrete weighted transforms and large-integer arithmetic" (1994), section 7.
final class RightAngleTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    let radix: Int
    /// The length M.
    private let length: Int
    /// The length N of residue rows.
    let rowLength: Int
    /// The elements s that one task folds.
    private let taskLength: Int
    /// The normalization of both directions, times what undoes the scaling of both operands; see ``RangeScaling``.
    private let scale: Double
    let rows: MixedRadixFFT<Scalar>
    /// The fold's roots, and those of the unfolding, which undo the scaling of the twiddle factors.
    private let roots, unfoldingRoots: AlignedArray<Scalar>
    private let twiddles: TwiddleTables<Scalar>
    private let zeros: AlignedArray<Scalar>
    private let intervals: [WrappedInterval]
    private let table: FoldTable

    /// - Parameters:
    ///   - recipe: M and its factors.
    ///   - intervals: Where the elements of rows lie, by role.
    ///   - height: The points of a transform along another axis, of which these are the rows: scaling and normalization
    ///     are those of both axes.
    ///   - rigour: How long FFTW may look for plans.
    init(
        recipe: RightAngleRecipe, intervals: [WrappedInterval], height: Int = 1, rigour: Rigour
    ) throws(ConvolutionError) {
        let (radix, length) = (recipe.radix, recipe.length)
        self.radix = radix
        self.length = length
        self.intervals = intervals
        rowLength = recipe.row.length
        let scaling = RangeScaling(points: length * height)
        scale = 1 / Double(height) / Double(length) * scaling.ofNormalization
        rows = try MixedRadixFFT(recipe.row, rigour: rigour)
        taskLength = Self.taskLength(recipe)
        sizes = Self.sizes(recipe, intervals: intervals)
        // ω^(s (1 - 4k)) and ω^(q N (1 - 4k)), with ω = exp(2πi / 4M)
        twiddles = TwiddleTables(
            rows: radix, width: rows.tileWidth, blocks: rows.tileCount, scale: scaling.ofTwiddles
        ) { k, s in unitRoot(s * (1 - 4 * k), over: 4 * length) }
        roots = AlignedArray(zeros: 2 * radix * radix)
        unfoldingRoots = AlignedArray(zeros: 2 * radix * radix)
        for k in 0..<radix {
            for q in 0..<radix {
                let root = unitRoot(q * (1 - 4 * k), over: 4 * radix)
                roots.pointer[k * radix + q] = Scalar(root.re)
                roots.pointer[(radix + k) * radix + q] = Scalar(root.im)
            }
        }
        for index in 0..<roots.count {
            unfoldingRoots.pointer[index] = roots.pointer[index] * Scalar(scaling.ofUnfoldingRoots)
        }
        zeros = AlignedArray(zeros: rows.tileWidth)
        table = FoldTable(intervals: intervals, radix: radix, rowLength: rowLength)
    }

    /// The sizes of a transform by the given recipe, of rows at the given intervals (by role): they follow from these
    /// alone, so that what does not fit into memory is refused before anything is built.
    static func sizes(_ recipe: RightAngleRecipe, intervals: [WrappedInterval]) -> TransformSizes {
        let stride = MixedRadixFFT<Scalar>.stride(recipe.row)
        let isUnwrapped = intervals.map { $0.isUnwrapped(period: 2 * recipe.length) }
        let taskLength = taskLength(recipe)
        let tasks = isUnwrapped.map { $0 ? (recipe.row.length + taskLength - 1) / taskLength : 1 }
        return TransformSizes(
            spectrumCount: recipe.radix * stride, workCount: recipe.radix * stride,
            // A place for values that are not wanted, and 2M reals for rows that wrap around.
            scratchCount: MixedRadixFFT<Scalar>.tileWidth(recipe.row)
                + (isUnwrapped.allSatisfy { $0 } ? 0 : recipe.length),
            blockCount: recipe.radix, blockLength: stride, transformedCount: recipe.length,
            signalTasks: tasks[OperandRole.signal.rawValue], kernelTasks: tasks[OperandRole.kernel.rawValue],
            outputTasks: tasks[OperandRole.output.rawValue])
    }

    private static func taskLength(_ recipe: RightAngleRecipe) -> Int {
        recipe.row.steps.isEmpty
            ? recipe.row.length
            : max(MixedRadixFFT<Scalar>.tileWidth(recipe.row), CostModel.foldTaskLength)
    }
}

// The stages, see ``SpectralTransform``.
extension RightAngleTransform {
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if table.isUnwrapped(context.role) {
            fold(source, context.role, elements(of: task), into: work, context.loops)
        } else {
            let ring = ring(context)
            ring.lay(source, at: intervals[context.role.rawValue], context.loops)
            fold(ring.pointer, nil, 0..<rowLength, into: work, context.loops)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        rows.transform(work + 2 * block * rows.stride, into: spectrum, context.loops)
    }

    func inverseTransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        rows.inverseTransform(spectrum, into: work + 2 * block * rows.stride, context.loops)
    }

    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        if table.isUnwrapped(context.role) {
            unfold(work, context.role, elements(of: task), into: target, dump: context.scratch, context.loops)
        } else {
            let ring = ring(context)
            unfold(work, nil, 0..<rowLength, into: ring.pointer, dump: context.scratch, context.loops)
            ring.collect(into: target, at: intervals[context.role.rawValue], context.loops)
        }
    }

    /// Behind the place for values that are not wanted.
    private func ring(_ context: TransformContext<Scalar>) -> Ring<Scalar> {
        Ring(pointer: context.scratch + 2 * rows.tileWidth, period: 2 * length)
    }

    func executeBlockFFTs(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>
    ) {
        rows.executeFFTs(work + 2 * block * rows.stride, into: spectrum)
    }

    private func elements(of task: Int) -> Range<Int> {
        task * taskLength..<min((task + 1) * taskLength, rowLength)
    }

    /// Folds and twists the given elements s of all residue rows, from a row of the given role, or from 2M reals if the
    /// role is `nil`.
    func fold(
        _ source: UnsafePointer<Scalar>, _ role: OperandRole?, _ elements: Range<Int>,
        into work: UnsafeMutablePointer<Scalar>, _ loops: Loops
    ) {
        table.forEachSegment(role) { segment, re, im in
            rows.forEachTile(of: segment.clamped(to: elements)) { s, tile, j, count in
                loops.pointee.fold(
                    Int32(radix), source + (s - segment.first), re, im, zeros.pointer, roots.pointer,
                    twiddles.fineRe(from: j), twiddles.fineIm(from: j), twiddles.fineStride,
                    twiddles.coarse(tile), work + 2 * (rows.offset(ofTile: tile) + j), rows.stride, count)
            }
        }
    }

    /// Untwists and unfolds the given elements s of all residue rows, into a row of the given role, or into 2M reals if
    /// the role is `nil`.
    func unfold(
        _ work: UnsafeMutablePointer<Scalar>, _ role: OperandRole?, _ elements: Range<Int>,
        into target: UnsafeMutablePointer<Scalar>, dump: UnsafeMutablePointer<Scalar>, _ loops: Loops
    ) {
        table.forEachSegment(role) { segment, re, im in
            guard segment.isAnyWanted else { return }
            rows.forEachTile(of: segment.clamped(to: elements)) { s, tile, j, count in
                loops.pointee.unfold(
                    Int32(radix), work + 2 * (rows.offset(ofTile: tile) + j), rows.stride,
                    unfoldingRoots.pointer, twiddles.fineRe(from: j), twiddles.fineIm(from: j),
                    twiddles.fineStride, twiddles.coarse(tile), scale, target + (s - segment.first), re, im,
                    dump, count)
            }
        }
    }
}

extension FoldSegment {
    /// The elements s that the segment has in common with a range.
    fileprivate func clamped(to elements: Range<Int>) -> Range<Int> {
        (first..<first + count).clamped(to: elements)
    }
}
