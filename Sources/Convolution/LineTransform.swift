import Runtime

/// The right-angle transform of a row of reals: convolution modulo z^M - i.
///
/// With ω = exp(iπ/2M), so that ω^M = i, a row x of up to 2M reals becomes the M complex numbers
/// `u[m] = (x[m] + i·x[m + M]) · ω^m`, whose discrete Fourier transform is x(z) at the M roots of z^M = i. The other
/// roots of z^{2M} = -1 are their conjugates and add nothing for real rows. Products of spectra are negacyclic
/// convolutions of period 2M, with no zeros transformed for rows of up to M reals and no unpacking.
///
/// Here M = radix · N. With m = q · N + s, the sum over q is made by the loop that folds and twists; what remains are
/// `radix` transforms over s, see ``UnorderedTransform``. The spectrum's order is of no interest to a product and is left
/// as it is.
///
/// Source: R. Crandall, B. Fagin, "Discrete weighted transforms and large-integer arithmetic" (1994), section 7.
final class LineTransform<Scalar: ConvolutionScalar>: Sendable {
    private let radix: Int
    /// The length M.
    private let length: Int
    /// The length N of residue rows.
    private let rowLength: Int
    /// The tasks in which a row is folded take so many s each.
    private let taskLength: Int
    /// Includes the normalization of both directions.
    private let scale: Double
    private let rows: UnorderedTransform<Scalar>
    private let roots: AlignedArray<Scalar>
    private let twiddles: TwiddleTables<Scalar>
    private let zeros: AlignedArray<Scalar>
    private let intervals: [RingInterval]
    private let table: FoldTable

    /// A transform for rows at the given `intervals` (by role), in which an inverse transform is scaled by
    /// `normalization` besides its own 1/M.
    init(
        recipe: LineRecipe, intervals: [RingInterval], normalization: Double = 1, rigour: Rigour
    ) throws(ConvolutionError) {
        let (radix, length) = (recipe.radix, recipe.length)
        self.radix = radix
        self.length = length
        self.intervals = intervals
        rowLength = recipe.row.length
        scale = normalization / Double(length)
        rows = try UnorderedTransform(recipe.row, rigour: rigour)
        taskLength = recipe.row.steps.isEmpty ? rowLength : max(rows.width, 1024)
        // ω^(s (1 - 4k)) and ω^(q N (1 - 4k)), with ω = exp(2πi / 4M)
        twiddles = TwiddleTables(rows: radix, width: rows.width, blocks: rows.blockCount) { k, s in
            unitRoot(s * (1 - 4 * k), over: 4 * length)
        }
        roots = AlignedArray(zeros: 2 * radix * radix)
        for k in 0..<radix {
            for q in 0..<radix {
                let root = unitRoot(q * (1 - 4 * k), over: 4 * radix)
                roots.pointer[k * radix + q] = Scalar(root.re)
                roots.pointer[(radix + k) * radix + q] = Scalar(root.im)
            }
        }
        zeros = AlignedArray(zeros: rows.width)
        table = FoldTable(intervals: intervals, radix: radix, rowLength: rowLength)
    }

    /// The bytes of tables that such a transform keeps.
    var tableByteCount: Int {
        rows.tableByteCount + twiddles.byteCount + (roots.count + zeros.count) * MemoryLayout<Scalar>.stride
    }
}

extension LineTransform: SpectralTransform {
    var spectrumCount: Int { radix * rows.stride }
    var workCount: Int { radix * rows.stride }
    /// A place for values that are not wanted, and a ring of 2M reals for rows that don't lie on it in one piece.
    var scratchCount: Int { rows.width + (Role.allCases.allSatisfy(table.isPlain) ? 0 : length) }
    var blockCount: Int { radix }
    var blockLength: Int { rows.stride }
    var transformedCount: Int { length }

    func taskCount(_ role: Role) -> Int {
        table.isPlain(role) ? (rowLength + taskLength - 1) / taskLength : 1
    }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        if table.isPlain(role) {
            fold(source, role, elements(of: task), into: work, loops: loops)
        } else {
            let (ring, period) = (scratch + 2 * rows.width, 2 * length)
            ring.update(repeating: 0, count: period)
            intervals[role.rawValue].forEachRun(at: 0..<period, period: period) { run in
                loops.pointee.add_scaled(
                    source + run.element, run.isOdd ? -1 : 1, ring + run.position, run.count)
            }
            fold(ring, nil, 0..<rowLength, into: work, loops: loops)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        rows.transform(work + 2 * block * rows.stride, into: spectrum, loops: loops)
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        rows.untransform(spectrum, into: work + 2 * block * rows.stride, loops: loops)
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        if table.isPlain(role) {
            unfold(work, role, elements(of: task), into: target, dump: scratch, loops: loops)
        } else {
            let (ring, period) = (scratch + 2 * rows.width, 2 * length)
            unfold(work, nil, 0..<rowLength, into: ring, dump: scratch, loops: loops)
            target.update(repeating: 0, count: intervals[role.rawValue].count)
            intervals[role.rawValue].forEachRun(at: 0..<period, period: period) { run in
                loops.pointee.add_scaled(
                    ring + run.position, run.isOdd ? -1 : 1, target + run.element, run.count)
            }
        }
    }

    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {}

    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        rows.executeTransforms(work + 2 * block * rows.stride, into: spectrum)
    }

    private func elements(of task: Int) -> Range<Int> {
        task * taskLength..<min((task + 1) * taskLength, rowLength)
    }

    /// Folds the given elements s of all residue rows, from a row of the given role or from a whole ring.
    private func fold(
        _ source: UnsafePointer<Scalar>, _ role: Role?, _ elements: Range<Int>,
        into work: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        table.forEachSegment(role) { segment, re, im in
            rows.forEachPiece(of: segment.clamped(to: elements)) { s, block, j, count in
                loops.pointee.fold(
                    Int32(radix), source + (s - segment.first), re, im, zeros.pointer, roots.pointer,
                    twiddles.fineRe(from: j), twiddles.fineIm(from: j), twiddles.fineStride,
                    twiddles.coarse(block), work + 2 * (rows.offset(ofBlock: block) + j), rows.stride, count)
            }
        }
    }

    /// Unfolds the given elements s of all residue rows, into a row of the given role or into a whole ring.
    private func unfold(
        _ work: UnsafeMutablePointer<Scalar>, _ role: Role?, _ elements: Range<Int>,
        into target: UnsafeMutablePointer<Scalar>, dump: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        table.forEachSegment(role) { segment, re, im in
            guard segment.isAnyWanted else { return }
            rows.forEachPiece(of: segment.clamped(to: elements)) { s, block, j, count in
                loops.pointee.unfold(
                    Int32(radix), work + 2 * (rows.offset(ofBlock: block) + j), rows.stride, roots.pointer,
                    twiddles.fineRe(from: j), twiddles.fineIm(from: j), twiddles.fineStride,
                    twiddles.coarse(block), scale, target + (s - segment.first), re, im, dump, count)
            }
        }
    }
}

extension FoldSegment {
    /// What the segment and some elements have in common.
    fileprivate func clamped(to elements: Range<Int>) -> Range<Int> {
        (first..<first + count).clamped(to: elements)
    }
}

extension _FourierLayout {
    /// The same transforms in the other direction.
    var reversed: _FourierLayout {
        var layout = self
        layout.isForward.toggle()
        return layout
    }
}
