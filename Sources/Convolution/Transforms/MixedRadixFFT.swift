import Runtime

/// The Fourier transform of rows of N = radix · radix · ... · leaf complex numbers, its result in a permuted order.
///
/// FFTW transforms the leaves. Longer rows begin with steps of decimation in frequency: with s running over a radix-th
/// of the row, the sum over its `radix` parts is computed in place and multiplied by the twiddle factors; then each
/// part is a transform by itself, finished before the next. Every pass runs along contiguous memory, and with each step
/// the parts fit into a nearer cache.
final class MixedRadixFFT<Scalar: ConvolutionScalar>: Sendable {
    /// The distance of rows, in complex numbers. Rows have gaps, see ``offset(ofTile:)``.
    let stride: Int
    /// The complex numbers of a tile: a row is stored in contiguous tiles, between which there may be gaps.
    let tileWidth: Int
    let tileCount: Int
    /// The rows that are transformed together.
    private let count: Int
    let steps: [Step]
    private let tileOffsets: AlignedArray<Int>
    let forward: FFTWPlan<Scalar>
    let inverse: FFTWPlan<Scalar>

    /// One step of decimation in frequency.
    struct Step: Sendable {
        let radix: Int
        /// The distance of the parts, in complex numbers.
        let stride: Int
        let tileCount: Int
        let tileOffsets: AlignedArray<Int>
        let twiddles: TwiddleTables<Scalar>
    }

    /// Transforms of `count` rows at a time, ``stride`` apart.
    init(_ recipe: MixedRadixRecipe, count: Int = 1, rigour: Rigour) throws(ConvolutionError) {
        let leaf = recipe.leaf
        self.count = count
        tileWidth = Self.tileWidth(recipe)
        var (length, stride) = (leaf, Self.leafStride(leaf))
        var offsets = (0..<leaf / tileWidth).map { [tileWidth] in $0 * tileWidth }
        var steps: [Step] = []
        for radix in recipe.steps.reversed() {
            length *= radix
            let twiddles = TwiddleTables<Scalar>(rows: radix, width: tileWidth, blocks: offsets.count) {
                [length] k, s in unitRoot(-k * s, over: length)
            }
            let step = Step(
                radix: radix, stride: stride, tileCount: offsets.count, tileOffsets: AlignedArray(offsets),
                twiddles: twiddles)
            steps.insert(step, at: 0)
            offsets = (0..<radix).flatMap { part in offsets.map { part * step.stride + $0 } }
            stride = Self.padded(radix * stride)
        }
        self.steps = steps
        self.stride = stride
        tileCount = offsets.count
        tileOffsets = AlignedArray(offsets)
        let layout = FFTWLayout(
            length: leaf, count: steps.isEmpty ? count : 1, stride: 1, distance: stride, isForward: true)
        forward = try FFTWPlan(layout, rigour: rigour)
        inverse = try FFTWPlan(layout.reversed, rigour: rigour)
    }

    /// The complex numbers of a tile: a divisor of the leaf, so that tiles never straddle two of them.
    static func tileWidth(_ recipe: MixedRadixRecipe) -> Int {
        guard !recipe.steps.isEmpty else { return recipe.leaf }
        let largestPower = recipe.leaf & -recipe.leaf
        return min(largestPower, CostModel.tileWidth(length: recipe.length))
    }

    /// The distance of rows by the given recipe.
    static func stride(_ recipe: MixedRadixRecipe) -> Int {
        recipe.steps.reversed().reduce(leafStride(recipe.leaf)) { padded($1 * $0) }
    }

    private static func leafStride(_ leaf: Int) -> Int { padded((leaf + 7) / 8 * 8) }

    /// Avoids distances that are whole pages, at which rows compete for the same cache sets.
    private static func padded(_ stride: Int) -> Int {
        (stride * 2 * MemoryLayout<Scalar>.stride).isMultiple(of: CostModel.cacheSetPeriod)
            ? stride + 8 : stride
    }

    /// Where a tile lies in a row.
    func offset(ofTile tile: Int) -> Int { tileOffsets.pointer[tile] }

    /// Where an element lies in a row.
    func offset(ofElement element: Int) -> Int {
        let (tile, remainder) = element.quotientAndRemainder(dividingBy: tileWidth)
        return tileOffsets.pointer[tile] + remainder
    }

    /// Cuts a range of elements at the ends of tiles.
    @inline(__always)
    func forEachTile(
        of elements: Range<Int>, _ body: (_ first: Int, _ tile: Int, _ j: Int, _ count: Int) -> Void
    ) {
        var first = elements.lowerBound
        while first < elements.upperBound {
            let (tile, j) = first.quotientAndRemainder(dividingBy: tileWidth)
            let count = min(elements.upperBound, (tile + 1) * tileWidth) - first
            body(first, tile, j, count)
            first += count
        }
    }

    /// Transforms rows; `rows` is destroyed.
    func transform(
        _ rows: UnsafeMutablePointer<Scalar>, into spectra: UnsafeMutablePointer<Scalar>, _ loops: Loops
    ) {
        forEachRow { transform(rows + $0, into: spectra + $0, from: 0, loops) }
    }

    /// The inverse transform times the length; `spectra` is destroyed.
    func inverseTransform(
        _ spectra: UnsafeMutablePointer<Scalar>, into rows: UnsafeMutablePointer<Scalar>, _ loops: Loops
    ) {
        forEachRow { inverseTransform(spectra + $0, into: rows + $0, from: 0, loops) }
    }

    /// FFTW's part of transforming rows, alone.
    func executeFFTs(_ rows: UnsafeMutablePointer<Scalar>, into spectra: UnsafeMutablePointer<Scalar>) {
        forEachRow { executeFFTs(rows + $0, into: spectra + $0, from: 0) }
    }
}

// Recursion over the steps.
extension MixedRadixFFT {
    /// Visits the rows, or, without steps, the first for all of them: FFTW's plan transforms them together.
    @inline(__always)
    private func forEachRow(_ body: (_ offset: Int) -> Void) {
        if steps.isEmpty { return body(0) }
        for row in 0..<count { body(2 * row * stride) }
    }

    private func transform(
        _ row: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>, from level: Int,
        _ loops: Loops
    ) {
        guard level < steps.count else { return forward(row, spectrum) }
        let step = steps[level]
        for tile in 0..<step.tileCount { split(step, tile, of: row, loops) }
        forEachPart(of: step) { transform(row + $0, into: spectrum + $0, from: level + 1, loops) }
    }

    private func inverseTransform(
        _ spectrum: UnsafeMutablePointer<Scalar>, into row: UnsafeMutablePointer<Scalar>, from level: Int,
        _ loops: Loops
    ) {
        guard level < steps.count else { return inverse(spectrum, row) }
        let step = steps[level]
        forEachPart(of: step) { inverseTransform(spectrum + $0, into: row + $0, from: level + 1, loops) }
        for tile in 0..<step.tileCount { join(step, tile, of: row, loops) }
    }

    /// One tile of a step, in place.
    @inline(__always)
    func split(_ step: Step, _ tile: Int, of part: UnsafeMutablePointer<Scalar>, _ loops: Loops) {
        let twiddles = step.twiddles
        loops.pointee.split(
            Int32(step.radix), part + 2 * step.tileOffsets.pointer[tile], step.stride,
            twiddles.fineRe(from: 0), twiddles.fineIm(from: 0), twiddles.fineStride, twiddles.coarse(tile),
            tileWidth)
    }

    /// One tile of a step's inverse, in place.
    @inline(__always)
    func join(_ step: Step, _ tile: Int, of part: UnsafeMutablePointer<Scalar>, _ loops: Loops) {
        let twiddles = step.twiddles
        loops.pointee.join(
            Int32(step.radix), part + 2 * step.tileOffsets.pointer[tile], step.stride,
            twiddles.fineRe(from: 0), twiddles.fineIm(from: 0), twiddles.fineStride, twiddles.coarse(tile),
            tileWidth)
    }

    private func executeFFTs(
        _ row: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>, from level: Int
    ) {
        guard level < steps.count else { return forward(row, spectrum) }
        forEachPart(of: steps[level]) { executeFFTs(row + $0, into: spectrum + $0, from: level + 1) }
    }

    private func forEachPart(of step: Step, _ body: (_ offset: Int) -> Void) {
        for part in 0..<step.radix { body(2 * part * step.stride) }
    }
}
