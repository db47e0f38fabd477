import Runtime

/// How rows (or planes) are cut into blocks, with the transforms of a block.
///
/// A block has the same extents everywhere; what stands over an end is read as zeros, or from the other end of a signal that
/// repeats, and not written.
struct RowBlocks<Scalar: ConvolutionScalar>: Sendable {
    /// The complete overlaps of B + K - 1 elements with the kernel.
    let forwardKey: PlanKey
    let forward: SpectralTransform<Scalar>
    /// The full convolution of B elements with the kernel, of which only the pullback is used.
    let backwardKey: PlanKey
    let backward: SpectralTransform<Scalar>
    /// Where rows of signal and of output are read and written.
    let signal: RowParts
    let output: RowParts
    /// B along each axis.
    private let extents: [Int]
    private let axes: [Axis]
    /// Whether signals repeat beyond their ends.
    let isPeriodic: Bool
    /// The number of blocks along each axis: enough for the outputs, and for the signal.
    private let counts: [Int]

    /// - Parameter extents: B along each axis.
    /// - Throws: ``ConvolutionError`` when not even one block's workspace fits into memory.
    init(_ key: PlanKey, extents: [Int]) throws(ConvolutionError) {
        func inner(_ boundary: Boundary) throws(ConvolutionError) -> PlanKey {
            var inner = key
            inner.isAlwaysSpectral = true
            inner.exactHead = 0
            inner.axes = []
            for (axis, extent) in zip(key.axes, extents) {
                let length = boundary == .valid ? extent + axis.kernel - 1 : extent
                inner.axes.append(try Axis(signal: length, kernel: axis.kernel, boundary: boundary))
            }
            return inner
        }
        (forwardKey, backwardKey) = (try inner(.valid), try inner(.full))
        forward = try Plan(forwardKey).withTransform().1
        backward = try Plan(backwardKey).withTransform().1
        require(
            forward.sizes.spectrumCount == backward.sizes.spectrumCount,
            "both directions' transforms share the kernels' spectra")
        self.extents = extents
        axes = key.axes
        signal = RowParts(extents: key.axes.map(\.signal))
        output = RowParts(extents: key.axes.map(\.output))
        isPeriodic = key.axes[0].isPeriodic
        counts = zip(key.axes, extents).map { (max($0.signal, $0.output) + $1 - 1) / $1 }
    }

    /// The scalars of a kernel's spectrum, and of a sum of gradients.
    var sumCount: Int { wholeCacheLines(2 * forward.sizes.spectrumCount) }

    private var blockCount: Int { counts.reduce(1, *) }

    /// The segments in which blocks are taken: each is long enough that adding its sum costs next to nothing.
    var segmentCount: Int {
        let blocksPerSegment = max(1, min(8, CostModel.blockSegmentLength / forward.sizes.spectrumCount))
        return max(1, min(CostModel.tasksPerCall, blockCount / blocksPerSegment))
    }

    /// The points that are transformed for one row: a measure of work.
    var transformedCount: Int { blockCount * forward.sizes.transformedCount }

    func blocks(ofSegment segment: Int) -> Range<Int> {
        segment * blockCount / segmentCount..<(segment + 1) * blockCount / segmentCount
    }

    /// The bytes of a convolver's workspace.
    func workspaceByteCount(workerCount: Int) -> Int {
        func convolver(_ transform: SpectralTransform<Scalar>, _ key: PlanKey) -> Int {
            SpectralRowConvolver<Scalar>.WorkspaceLayout(transform.sizes, key, workerCount: 1).byteCount
        }
        let staged = (forwardKey.count(.signal) + forwardKey.count(.output)) * MemoryLayout<Scalar>.stride
        let sums = sumCount * (workerCount == 1 ? 1 : segmentCount) * MemoryLayout<Scalar>.stride
        return workerCount * (convolver(forward, forwardKey) + convolver(backward, backwardKey) + staged)
            + sums
    }

    // MARK: - Places

    /// Where a block's elements lie in a row of outputs or, backward, of signal: a range along each axis, which may stand
    /// over the end.
    func place(of block: Int) -> [Range<Int>] {
        let (row, column) = block.quotientAndRemainder(dividingBy: counts.last!)
        let numbers = axes.count == 1 ? [column] : [row, column]
        return zip(numbers, extents).map { $0 * $1..<($0 + 1) * $1 }
    }

    /// The B + K - 1 elements along each axis of a row in the given role on which a block's elements depend.
    func span(of block: Int, _ role: OperandRole) -> [Range<Int>] {
        zip(place(of: block), axes).map { place, axis in
            // Output t depends on the signal's t + offset - (K - 1) ... t + offset, the gradient of signal n on the
            // outputs n - offset ... n - offset + (K - 1).
            let start = place.lowerBound + (role == .signal ? axis.offset - (axis.kernel - 1) : -axis.offset)
            return start..<start + place.count + axis.kernel - 1
        }
    }
}

/// Parts of rows or planes of the given extents.
struct RowParts: Sendable {
    let extents: [Int]

    /// Whether a part lies within the row, in one run.
    func holdsInOneRun(_ part: [Range<Int>]) -> Bool {
        extents.count == 1 && part[0].lowerBound >= 0 && part[0].upperBound <= extents[0]
    }

    /// A part of a row: where it lies or, if it is not in one run there, a copy, with zeros beyond the ends of a row unless it
    /// repeats.
    func part<Scalar: ConvolutionScalar>(
        _ part: [Range<Int>], of row: UnsafePointer<Scalar>, repeats: Bool,
        stagedIn memory: UnsafeMutablePointer<Scalar>
    ) -> UnsafePointer<Scalar> {
        if holdsInOneRun(part) { return row + part[0].lowerBound }
        let (width, columns) = (extents.last!, part.last!)
        guard extents.count > 1 else {
            copy(columns, of: row, repeats: repeats, into: memory)
            return UnsafePointer(memory)
        }
        for (number, position) in part[0].enumerated() {
            let target = memory + number * columns.count
            if let position = element(position, of: extents[0], repeats: repeats) {
                copy(columns, of: row + position * width, repeats: repeats, into: target)
            } else {
                target.update(repeating: 0, count: columns.count)
            }
        }
        return UnsafePointer(memory)
    }

    /// Writes those elements of a part that lie within the row.
    func store<Scalar: ConvolutionScalar>(
        _ elements: UnsafeMutablePointer<Scalar>, into row: UnsafeMutablePointer<Scalar>,
        at part: [Range<Int>]
    ) {
        let (width, columns) = (extents.last!, part.last!)
        let count = min(columns.upperBound, width) - columns.lowerBound
        guard count > 0 else { return }
        let rows = extents.count == 1 ? 0..<1 : part[0].clamped(to: 0..<extents[0])
        for (number, position) in rows.enumerated() {
            (row + position * width + columns.lowerBound).update(
                from: elements + number * columns.count, count: count)
        }
    }

    /// The element that stands at a position, if there is one.
    private func element(_ position: Int, of extent: Int, repeats: Bool) -> Int? {
        if (0..<extent).contains(position) { return position }
        guard repeats else { return nil }
        let remainder = position % extent
        return remainder < 0 ? remainder + extent : remainder
    }

    private func copy<Scalar: ConvolutionScalar>(
        _ columns: Range<Int>, of row: UnsafePointer<Scalar>, repeats: Bool,
        into target: UnsafeMutablePointer<Scalar>
    ) {
        let width = extents.last!
        var position = columns.lowerBound
        while position < columns.upperBound {
            let place = target + (position - columns.lowerBound)
            if let element = element(position, of: width, repeats: repeats) {
                let count = min(width - element, columns.upperBound - position)
                place.update(from: row + element, count: count)
                position += count
            } else {
                let end = position < 0 ? min(0, columns.upperBound) : columns.upperBound
                place.update(repeating: 0, count: end - position)
                position = end
            }
        }
    }
}
