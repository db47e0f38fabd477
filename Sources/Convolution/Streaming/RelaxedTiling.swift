import Runtime

/// The tiling by which two rows a and b are convolved while both arrive: relaxed multiplication.
///
/// Elements are counted from 0. When a[t] and b[t] have arrived: for each power of two s that divides t + 2, with
/// m = (t + 2) / s - 1 ≥ 1, the tile adds the product of a[s-1 ... 2s-2] and b[ms-1 ... (m+1)s-2] to y from t on, and if
/// m > 1 that of b[s-1 ... 2s-2] and a[ms-1 ... (m+1)s-2]. Then y[t] is complete.
///
/// Proof. Let (i, j) with i ≤ j be the places in a and b of a pair; where i > j, exchange a and b. It lies in one tile: the
/// blocks [s-1, 2s-2] for s = 1, 2, 4, ... cover every i once, and for this s the blocks [ms-1, (m+1)s-2], m ≥ 1, cover
/// every j ≥ s - 1 once. For m = 1 both blocks are the same and the one product has both orders of a pair. The tile is added
/// at t = (m+1)s - 2, the last place of the later block, so its elements have arrived; the first output that it adds to,
/// (s-1) + (ms-1) = t, is just due.
///
/// Tiles below ``firstSize`` are sums instead: those of all pairs with i or j below ``head``, as two dot products for each
/// output. A tile of size s comes every s samples and takes three transforms of s complex points, as the spectra of the
/// first blocks are kept: O(log² t) operations a sample, amortized.
///
/// Source: J. van der Hoeven, "Lazy multiplication of formal power series" (1997), doi 10.1145/258726.258738; "Relax, but
/// don't be too lazy" (2002), doi 10.1006/jsco.2002.0562; "New algorithms for relaxed multiplication" (2007), doi
/// 10.1016/j.jsc.2007.04.004.
struct RelaxedTiling<Scalar: ConvolutionScalar>: Sendable {
    /// The elements of a row that there is room for.
    let capacity: Int
    /// The outputs that there is room for: those beyond are not wanted.
    let outputCount: Int
    /// The convolvers of the tiles from ``firstSize`` on, each for twice the size of the one before.
    let levels: [TileConvolver<Scalar>]
    /// Where the spectra of each level's first blocks begin, a's and then b's.
    let spectrumOffsets: [Int]

    /// The smallest tile that is transformed.
    @inline(__always)
    static var firstSize: Int { CostModel.firstRelaxedTile }
    /// The elements that the dot products meet.
    @inline(__always)
    static var head: Int { firstSize - 1 }

    init(capacity: Int, outputCount: Int) throws(ConvolutionError) {
        self.capacity = capacity
        self.outputCount = outputCount
        guard capacity <= Int.max / 256 else { throw .sizeOverflow(extents: [capacity]) }
        // Rows alone, before any plan is made.
        try Machine.checkMemory(checkedProduct([capacity, 3, MemoryLayout<Scalar>.stride]))
        var levels: [TileConvolver<Scalar>] = []
        var offsets = [0]
        var size = Self.firstSize
        // The first tile of size s comes when a[2s - 2] has arrived.
        while 2 * size - 1 <= capacity {
            let level = try TileConvolver<Scalar>(
                Axis(signal: size, kernel: size, outputs: 0..<2 * size - 1))
            levels.append(level)
            offsets.append(offsets.last! + 2 * level.spectrumCount)
            size *= 2
        }
        self.levels = levels
        spectrumOffsets = offsets
    }

    /// The memory of a thread: three spectra and a product.
    var memoryLayout: TileMemory<Scalar>.Layout {
        let spectrum = levels.last?.spectrumCount ?? 0
        return TileMemory<Scalar>.Layout(levels, rows: 3 * spectrum + 2 * capacity)
    }

    /// Where the parts of a channel's row lie.
    var rowLayout: RelaxedRow<Scalar>.Layout { RelaxedRow<Scalar>.Layout(self) }
}

/// The row of a channel.
struct RelaxedRow<Scalar: ConvolutionScalar> {
    /// What has arrived of both rows.
    let a, b: UnsafeMutablePointer<Scalar>
    /// The outputs, as far as tiles have been added to them.
    let outputs: UnsafeMutablePointer<Scalar>
    /// The first ``RelaxedTiling/head`` elements and zeros: dot products have whole vectors.
    let headA, headB: UnsafeMutablePointer<Scalar>
    /// The last elements in reverse, twice each, so that any ``RelaxedTiling/firstSize`` of them are contiguous.
    let recentA, recentB: UnsafeMutablePointer<Scalar>
    /// The spectra of first blocks.
    let spectra: UnsafeMutablePointer<Scalar>

    struct Layout: Sendable {
        let operand, outputs, spectra: Int
        /// The heads, then the last elements.
        let ends: Int

        init(_ tiling: RelaxedTiling<Scalar>) {
            // Rows are no whole pages apart.
            operand = wholeCacheLines(tiling.capacity) + 16
            outputs = wholeCacheLines(tiling.outputCount)
            ends = 4 * RelaxedTiling<Scalar>.firstSize + 2 * Self.head
            spectra = tiling.spectrumOffsets.last!
        }

        /// A head with its zeros.
        @inline(__always)
        static var head: Int { wholeCacheLines(RelaxedTiling<Scalar>.firstSize + 1) }

        @inline(__always)
        var count: Int { 2 * operand + outputs + ends + spectra }
    }

    @inline(__always)
    init(_ layout: Layout, at first: UnsafeMutablePointer<Scalar>) {
        a = first
        b = a + layout.operand
        outputs = b + layout.operand
        let size = RelaxedTiling<Scalar>.firstSize
        headA = outputs + layout.outputs
        headB = headA + Layout.head
        recentA = headB + Layout.head
        recentB = recentA + 2 * size
        spectra = headA + layout.ends
    }

    /// Where the last element, the one at place t, stands in the reversed rows.
    @inline(__always)
    static func recentPlace(_ t: Int) -> Int { ~t & (RelaxedTiling<Scalar>.firstSize - 1) }

    /// Keeps both elements at place t.
    @inline(__always)
    func put(_ x: Scalar, _ y: Scalar, at t: Int) {
        (a[t], b[t]) = (x, y)
        let place = Self.recentPlace(t), size = RelaxedTiling<Scalar>.firstSize
        (recentA[place], recentA[place + size]) = (x, x)
        (recentB[place], recentB[place + size]) = (y, y)
        if t < size - 1 { (headA[t], headB[t]) = (x, y) }
    }
}
