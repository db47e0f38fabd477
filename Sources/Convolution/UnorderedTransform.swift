import Runtime

/// The Fourier transform of rows of N = radix · radix · ... · leaf complex numbers, in an order of its own.
///
/// FFTW makes the transforms of length `leaf`. For rows that would be too long for it, steps of decimation in
/// frequency stand before: with s running over a radix-th of the row, the sum over its `radix` parts is made in place
/// and multiplied by the twiddle factors; then each part is a transform by itself, done whole before the next. Every
/// pass runs along contiguous memory, and each part is small enough for the next nearer cache.
final class UnorderedTransform<Scalar: ConvolutionScalar>: Sendable {
    /// The distance of rows, in complex numbers. There are gaps in a row, see ``offset(ofBlock:)``.
    let stride: Int
    /// The numbers of a row lie together in blocks of this many.
    let width: Int
    let blockCount: Int
    /// How many rows are transformed together.
    private let count: Int
    private let steps: [Step]
    private let blockOffsets: AlignedArray<Int>
    private let forward: FourierTransform<Scalar>
    private let inverse: FourierTransform<Scalar>

    /// One step of decimation in frequency.
    private struct Step {
        let radix: Int
        /// The distance of the parts, in complex numbers.
        let stride: Int
        let blockCount: Int
        let blockOffsets: AlignedArray<Int>
        let twiddles: TwiddleTables<Scalar>
    }

    /// Transforms of `count` rows at a time, ``stride`` apart.
    init(_ recipe: FourierRecipe, count: Int = 1, rigour: Rigour) throws(ConvolutionError) {
        let leaf = recipe.leaf
        self.count = count
        width = recipe.steps.isEmpty ? leaf : Self.width(leaf: leaf, length: recipe.length)
        var (length, stride) = (leaf, Self.padded((leaf + 7) / 8 * 8))
        var offsets = (0..<leaf / width).map { [width] in $0 * width }
        var steps: [Step] = []
        for radix in recipe.steps.reversed() {
            length *= radix
            let twiddles = TwiddleTables<Scalar>(rows: radix, width: width, blocks: offsets.count) {
                [length] k, s in unitRoot(-k * s, over: length)
            }
            let step = Step(
                radix: radix, stride: stride, blockCount: offsets.count, blockOffsets: AlignedArray(offsets),
                twiddles: twiddles)
            steps.insert(step, at: 0)
            offsets = (0..<radix).flatMap { part in offsets.map { part * step.stride + $0 } }
            stride = Self.padded(radix * stride)
        }
        self.steps = steps
        self.stride = stride
        blockCount = offsets.count
        blockOffsets = AlignedArray(offsets)
        let layout = _FourierLayout(
            length: leaf, count: steps.isEmpty ? count : 1, stride: 1, distance: stride, isForward: true)
        forward = try FourierTransform(layout, rigour: rigour)
        inverse = try FourierTransform(layout.reversed, rigour: rigour)
    }

    /// So many numbers that fine and coarse twiddle factors fit into the nearest cache, or nearly.
    private static func width(leaf: Int, length: Int) -> Int {
        let largestPower = leaf & -leaf
        return min(largestPower, length <= 1 << 18 ? 128 : 512)
    }

    /// Rows that are whole pages apart would compete for the same places in the cache.
    private static func padded(_ stride: Int) -> Int {
        (stride * 2 * MemoryLayout<Scalar>.stride).isMultiple(of: 4096) ? stride + 8 : stride
    }

    /// Where a block lies in a row.
    func offset(ofBlock block: Int) -> Int { blockOffsets.pointer[block] }

    /// Where an element lies in a row.
    func offset(ofElement element: Int) -> Int {
        let (block, remainder) = element.quotientAndRemainder(dividingBy: width)
        return blockOffsets.pointer[block] + remainder
    }

    /// Cuts a range of elements where blocks end.
    @inline(__always)
    func forEachPiece(
        of elements: Range<Int>, _ body: (_ first: Int, _ block: Int, _ j: Int, _ count: Int) -> Void
    ) {
        var first = elements.lowerBound
        while first < elements.upperBound {
            let (block, j) = first.quotientAndRemainder(dividingBy: width)
            let count = min(elements.upperBound, (block + 1) * width) - first
            body(first, block, j, count)
            first += count
        }
    }

    /// Transforms rows; `rows` is destroyed.
    func transform(
        _ rows: UnsafeMutablePointer<Scalar>, into spectra: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        forEachRow { transform(rows + $0, into: spectra + $0, from: 0, loops: loops) }
    }

    /// The way back, times the length; `spectra` is destroyed.
    func untransform(
        _ spectra: UnsafeMutablePointer<Scalar>, into rows: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        forEachRow { untransform(spectra + $0, into: rows + $0, from: 0, loops: loops) }
    }

    /// Only FFTW's part of transforming rows.
    func executeTransforms(
        _ rows: UnsafeMutablePointer<Scalar>, into spectra: UnsafeMutablePointer<Scalar>
    ) {
        forEachRow { executeTransforms(rows + $0, into: spectra + $0, from: 0) }
    }

    /// Visits the rows, or, where FFTW does all, the first for all of them.
    @inline(__always)
    private func forEachRow(_ body: (_ offset: Int) -> Void) {
        if steps.isEmpty { return body(0) }
        for row in 0..<count { body(2 * row * stride) }
    }

    private func executeTransforms(
        _ row: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>, from level: Int
    ) {
        guard level < steps.count else { return forward(row, spectrum) }
        forEachPart(of: steps[level]) { executeTransforms(row + $0, into: spectrum + $0, from: level + 1) }
    }

    private func transform(
        _ row: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>, from level: Int,
        loops: Loops
    ) {
        guard level < steps.count else { return forward(row, spectrum) }
        let step = steps[level]
        let twiddles = step.twiddles
        for block in 0..<step.blockCount {
            loops.pointee.split(
                Int32(step.radix), row + 2 * step.blockOffsets.pointer[block], step.stride,
                twiddles.fineRe(from: 0), twiddles.fineIm(from: 0), twiddles.fineStride,
                twiddles.coarse(block), width)
        }
        forEachPart(of: step) { transform(row + $0, into: spectrum + $0, from: level + 1, loops: loops) }
    }

    private func untransform(
        _ spectrum: UnsafeMutablePointer<Scalar>, into row: UnsafeMutablePointer<Scalar>, from level: Int,
        loops: Loops
    ) {
        guard level < steps.count else { return inverse(spectrum, row) }
        let step = steps[level]
        let twiddles = step.twiddles
        forEachPart(of: step) { untransform(spectrum + $0, into: row + $0, from: level + 1, loops: loops) }
        for block in 0..<step.blockCount {
            loops.pointee.join(
                Int32(step.radix), row + 2 * step.blockOffsets.pointer[block], step.stride,
                twiddles.fineRe(from: 0), twiddles.fineIm(from: 0), twiddles.fineStride,
                twiddles.coarse(block), width)
        }
    }

    private func forEachPart(of step: Step, _ body: (_ offset: Int) -> Void) {
        for part in 0..<step.radix { body(2 * part * step.stride) }
    }

    /// The bytes of tables that such a transform keeps.
    var tableByteCount: Int {
        blockOffsets.count * MemoryLayout<Int>.stride
            + steps.reduce(0) {
                $0 + $1.twiddles.byteCount + $1.blockOffsets.count * MemoryLayout<Int>.stride
            }
    }
}
