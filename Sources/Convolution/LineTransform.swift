/// The right-angle transform of a row of reals: convolution modulo z^M - i.
///
/// With ω = exp(iπ/2M), so that ω^M = i, a row x of up to 2M reals becomes the M complex numbers
/// `u[m] = (x[m] + i·x[m + M]) · ω^m`, whose discrete Fourier transform is x(z) at the M roots of z^M = i. The other
/// roots of z^{2M} = -1 are their conjugates and add nothing for real rows. Products of spectra are negacyclic
/// convolutions of period 2M, with no zeros transformed for rows of up to M reals and no unpacking.
///
/// Here M = radix · leaf. With m = q · leaf + s, the sum over q is made by the loop that folds and twists; what
/// remains are `radix` transforms over s. The spectrum's order is of no interest to a product and is left as it is.
///
/// Source: R. Crandall, B. Fagin, "Discrete weighted transforms and large-integer arithmetic" (1994), section 7.
final class LineTransform<Scalar: ConvolutionScalar>: Sendable {
    private let recipe: LineRecipe
    /// The distance of residue rows, in complex numbers: whole cache lines, and not a multiple of a page.
    private let stride: Int
    private let rowsPerBlock: Int
    /// Includes the normalization of both directions.
    private let scale: Double
    private let twiddle: AlignedArray<Scalar>
    private let roots: AlignedArray<Scalar>
    private let zeros: AlignedArray<Scalar>
    private let forward: FourierTransform<Scalar>
    private let inverse: FourierTransform<Scalar>
    private let intervals: [RingInterval]
    private let table: FoldTable

    /// A transform for rows at the given `intervals` (by role), in which an inverse transform is scaled by
    /// `normalization` besides its own 1/M.
    init(
        recipe: LineRecipe, intervals: [RingInterval], normalization: Double = 1, rigour: Rigour
    ) throws(ConvolutionError) {
        let (radix, leaf, length) = (recipe.radix, recipe.leaf, recipe.length)
        self.recipe = recipe
        self.intervals = intervals
        scale = normalization / Double(length)
        stride = Self.stride(of: recipe)
        rowsPerBlock = 1

        twiddle = AlignedArray(zeros: 2 * radix * stride)
        roots = AlignedArray(zeros: 2 * radix * radix)
        zeros = AlignedArray(zeros: leaf)
        for k in 0..<radix {
            for s in 0..<leaf {
                let root = unitRoot(s * (1 - 4 * k), over: 4 * length)
                twiddle.pointer[k * stride + s] = Scalar(root.re)
                twiddle.pointer[(radix + k) * stride + s] = Scalar(root.im)
            }
            for q in 0..<radix {
                let root = unitRoot(q * (1 - 4 * k), over: 4 * radix)
                roots.pointer[k * radix + q] = Scalar(root.re)
                roots.pointer[(radix + k) * radix + q] = Scalar(root.im)
            }
        }
        let layout = _FourierLayout(length: leaf, count: 1, stride: 1, distance: leaf, isForward: true)
        forward = try FourierTransform(layout, rigour: rigour)
        inverse = try FourierTransform(layout.reversed, rigour: rigour)
        table = FoldTable(intervals: intervals, recipe: recipe)
    }

    private static func stride(of recipe: LineRecipe) -> Int {
        let lines = (recipe.leaf + 7) / 8 * 8
        let isWholePages = (lines * 2 * MemoryLayout<Scalar>.stride).isMultiple(of: 4096)
        return recipe.radix > 1 && isWholePages ? lines + 8 : lines
    }

    /// The bytes of tables that such a transform keeps.
    var tableByteCount: Int {
        (twiddle.count + roots.count + zeros.count) * MemoryLayout<Scalar>.stride
    }
}

extension LineTransform: SpectralTransform {
    var spectrumCount: Int { recipe.radix * stride }
    var workCount: Int { recipe.radix * stride }
    /// A ring of 2M reals, and a place for values that are not wanted.
    var scratchCount: Int { recipe.length + recipe.leaf }
    var blockCount: Int { recipe.radix / rowsPerBlock }
    var blockLength: Int { rowsPerBlock * stride }
    var transformedCount: Int { recipe.length }

    func taskCount(_ role: Role) -> Int { 1 }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        if table.isPlain(role) {
            fold(source, role, into: work, loops: loops)
        } else {
            let period = 2 * recipe.length
            scratch.update(repeating: 0, count: period)
            intervals[role.rawValue].forEachRun(at: 0..<period, period: period) { run in
                loops.pointee.add_scaled(
                    source + run.element, run.isOdd ? -1 : 1, scratch + run.position, run.count)
            }
            fold(scratch, nil, into: work, loops: loops)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        for row in 0..<rowsPerBlock {
            forward(work + 2 * (block * rowsPerBlock + row) * stride, spectrum + 2 * row * stride)
        }
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        for row in 0..<rowsPerBlock {
            inverse(spectrum + 2 * row * stride, work + 2 * (block * rowsPerBlock + row) * stride)
        }
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let period = 2 * recipe.length
        if table.isPlain(role) {
            unfold(work, role, into: target, dump: scratch + period, loops: loops)
        } else {
            unfold(work, nil, into: scratch, dump: scratch + period, loops: loops)
            target.update(repeating: 0, count: intervals[role.rawValue].count)
            intervals[role.rawValue].forEachRun(at: 0..<period, period: period) { run in
                loops.pointee.add_scaled(
                    scratch + run.position, run.isOdd ? -1 : 1, target + run.element, run.count)
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
        for row in 0..<rowsPerBlock {
            forward(work + 2 * (block * rowsPerBlock + row) * stride, spectrum + 2 * row * stride)
        }
    }

    /// Folds a row of the given role, or a whole ring.
    private func fold(
        _ source: UnsafePointer<Scalar>, _ role: Role?, into work: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let twiddleIm = twiddle.pointer + recipe.radix * stride
        table.forEachSegment(role) { segment, re, im in
            let first = segment.first
            loops.pointee.fold(
                Int32(recipe.radix), source, re, im, zeros.pointer, roots.pointer, twiddle.pointer + first,
                twiddleIm + first, work + 2 * first, stride, segment.count)
        }
    }

    /// Unfolds a row of the given role, or a whole ring.
    private func unfold(
        _ work: UnsafeMutablePointer<Scalar>, _ role: Role?, into target: UnsafeMutablePointer<Scalar>,
        dump: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let twiddleIm = twiddle.pointer + recipe.radix * stride
        table.forEachSegment(role) { segment, re, im in
            guard segment.isAnyWanted else { return }
            let first = segment.first
            loops.pointee.unfold(
                Int32(recipe.radix), work + 2 * first, stride, roots.pointer, twiddle.pointer + first,
                twiddleIm + first, scale, target, re, im, dump, segment.count)
        }
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
