import CVectorKernels

/// The right-angle transform of a row that outgrows the cache: M = columns · leaf points are transformed as a matrix.
///
/// With m = q · leaf + s, stage one folds, twists and transforms over q, some columns s at a time, and multiplies by
/// the twiddle factors; stage two transforms each row over s, multiplies and transforms back while the row is in the
/// cache; stage three undoes stage one. Each stage goes through memory once, and all its parts are independent, so
/// that one row occupies every thread.
///
/// Source: D. Bailey, "FFTs in external or hierarchical memory" (1990): the four-step algorithm, without its
/// transpositions, as a product does not care for the spectrum's order.
final class SplitLineTransform<Scalar: ConvolutionScalar>: Sendable {
    /// The length M.
    private let length: Int
    /// The number of rows q, which is the length of the transforms of stages one and three.
    private let columns: Int
    /// The length of the rows.
    private let leaf: Int
    /// The distance of rows in complex numbers.
    private let stride: Int
    /// The distance of columns when they are turned into rows, in complex numbers.
    private let columnPitch: Int
    /// How many columns are transformed together.
    private let width: Int
    private let scale: Double
    /// ω^(q · leaf): re for all q, then im.
    private let rotations: [Double]
    /// θ^(s0 · (1 - 4k)) with θ = ω, for the first column s0 of each task: re of [k][task], then im.
    private let coarse: [Double]
    /// θ^(j · (1 - 4k)) for the columns j of a task: re of [k][j], then im.
    private let fine: AlignedArray<Scalar>
    private let forwardColumns: FourierTransform<Scalar>
    private let inverseColumns: FourierTransform<Scalar>
    private let forwardRow: FourierTransform<Scalar>
    private let inverseRow: FourierTransform<Scalar>
    private let intervals: [RingInterval]

    /// A transform for rows at the given `intervals` (by role).
    init(recipe: SplitRecipe, intervals: [RingInterval], rigour: Rigour) throws(ConvolutionError) {
        let (columns, leaf, width) = (recipe.columns, recipe.leaf, recipe.width)
        precondition(leaf.isMultiple(of: width), "\(width) columns a task do not divide \(leaf)")
        let length = columns * leaf
        self.length = length
        self.columns = columns
        self.leaf = leaf
        self.width = width
        self.intervals = intervals
        stride = leaf + 8
        columnPitch = (columns + 7) / 8 * 8 + 8
        scale = 1 / Double(length)
        let taskCount = leaf / width

        let turns = (0..<columns).map { unitRoot($0, over: 4 * columns) }
        rotations = turns.map(\.re) + turns.map(\.im)
        var coarse = [Double](repeating: 0, count: 2 * columns * taskCount)
        fine = AlignedArray(zeros: 2 * columns * width)
        for k in 0..<columns {
            for task in 0..<taskCount {
                let root = unitRoot(task * width * (1 - 4 * k), over: 4 * length)
                coarse[k * taskCount + task] = root.re
                coarse[(columns + k) * taskCount + task] = root.im
            }
            for j in 0..<width {
                let root = unitRoot(j * (1 - 4 * k), over: 4 * length)
                fine.pointer[k * width + j] = Scalar(root.re)
                fine.pointer[(columns + k) * width + j] = Scalar(root.im)
            }
        }
        self.coarse = coarse
        let column = _FourierLayout(
            length: columns, count: width, stride: 1, distance: columnPitch, isForward: true)
        let row = _FourierLayout(length: leaf, count: 1, stride: 1, distance: leaf, isForward: true)
        forwardColumns = try FourierTransform(column, rigour: rigour)
        inverseColumns = try FourierTransform(column.reversed, rigour: rigour)
        forwardRow = try FourierTransform(row, rigour: rigour)
        inverseRow = try FourierTransform(row.reversed, rigour: rigour)
    }

    var tableByteCount: Int {
        fine.count * MemoryLayout<Scalar>.stride + (rotations.count + coarse.count)
            * MemoryLayout<Double>.stride
    }
}

extension SplitLineTransform: SpectralTransform {
    var spectrumCount: Int { columns * stride }
    var workCount: Int { columns * stride }
    /// A block of columns twice, and two pieces of a row of reals.
    var scratchCount: Int { 2 * columnPitch * width + width }
    var blockCount: Int { columns }
    var blockLength: Int { stride }
    var transformedCount: Int { length }

    func taskCount(_ role: Role) -> Int { leaf / width }

    func prepare(_ target: UnsafeMutablePointer<Scalar>, _ role: Role) {
        if closesInOrder(role) { target.update(repeating: 0, count: intervals[role.rawValue].count) }
    }

    func closesInOrder(_ role: Role) -> Bool { intervals[role.rawValue].repeatCount > 0 }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let interval = intervals[role.rawValue]
        let (block, turned) = (scratch, scratch + 2 * columnPitch * width)
        let pieces = scratch + 4 * columnPitch * width
        for q in 0..<columns {
            prefetchForWriting(work, task, row: q)
            let position = q * leaf + task * width
            let re = piece(at: position, interval, of: source, into: pieces, loops: loops)
            let im = piece(at: position + length, interval, of: source, into: pieces + width, loops: loops)
            let row = block + 2 * q * width
            let (c, d) = (rotations[q], rotations[columns + q])
            if let re {
                loops.pointee.rotate(re, im, c, d, row, width)
            } else if let im {
                // i · (c + i d) = -d + i c
                loops.pointee.rotate(im, nil, -d, c, row, width)
            } else {
                row.update(repeating: 0, count: 2 * width)
            }
        }
        // FFTW transforms rows several times as fast as columns.
        loops.pointee.transpose(block, width, turned, columnPitch, columns, width)
        forwardColumns(turned, block)
        loops.pointee.transpose(block, columnPitch, turned, width, width, columns)
        for k in 0..<columns {
            prefetch(source, interval, task + 1, row: k)
            let factor = coarseFactor(k, task)
            loops.pointee.twiddle(
                turned + 2 * k * width, factor.re, factor.im, fine.pointer + k * width,
                fine.pointer + (columns + k) * width, work + 2 * (k * stride + task * width), width)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        forwardRow(work + 2 * block * stride, spectrum)
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        inverseRow(spectrum, work + 2 * block * stride)
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let interval = intervals[role.rawValue]
        let (block, turned) = (scratch, scratch + 2 * columnPitch * width)
        let pieces = scratch + 4 * columnPitch * width
        for k in 0..<columns {
            prefetchForWriting(target, interval, task, row: k)
            let factor = coarseFactor(k, task)
            loops.pointee.twiddle_back(
                work + 2 * (k * stride + task * width), factor.re, factor.im, fine.pointer + k * width,
                fine.pointer + (columns + k) * width, turned + 2 * k * width, width)
        }
        loops.pointee.transpose(turned, width, block, columnPitch, columns, width)
        inverseColumns(block, turned)
        loops.pointee.transpose(turned, columnPitch, block, width, width, columns)
        for q in 0..<columns {
            prefetch(work, task + 1, row: q)
            let position = q * leaf + task * width
            let row = block + 2 * q * width
            let (c, d) = (rotations[q] * scale, rotations[columns + q] * scale)
            let re = plainElement(at: position, interval), im = plainElement(at: position + length, interval)
            loops.pointee.rotate_back(
                row, c, d, re.map { target + $0 } ?? pieces, im.map { target + $0 } ?? (pieces + width), width
            )
            if re == nil { scatter(pieces, to: target, at: position, interval, loops: loops) }
            if im == nil {
                scatter(pieces + width, to: target, at: position + length, interval, loops: loops)
            }
        }
    }

    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {
        forwardColumns(scratch, scratch + 2 * columnPitch * width)
    }

    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        forwardRow(work + 2 * block * stride, spectrum)
    }

    // MARK: - What a task touches lies in short pieces, one in each row, of which no processor foresees the next.

    private func prefetch(
        _ source: UnsafePointer<Scalar>, _ interval: RingInterval, _ task: Int, row: Int
    ) {
        guard task * width < leaf, let element = plainElement(at: row * leaf + task * width, interval) else {
            return
        }
        vk_prefetch(source + element, width * MemoryLayout<Scalar>.stride)
    }

    private func prefetchForWriting(
        _ target: UnsafeMutablePointer<Scalar>, _ interval: RingInterval, _ task: Int, row: Int
    ) {
        guard let element = plainElement(at: row * leaf + task * width, interval) else { return }
        vk_prefetch_for_writing(target + element, width * MemoryLayout<Scalar>.stride)
    }

    private func prefetch(_ work: UnsafeMutablePointer<Scalar>, _ task: Int, row: Int) {
        guard task * width < leaf else { return }
        vk_prefetch(work + 2 * (row * stride + task * width), 2 * width * MemoryLayout<Scalar>.stride)
    }

    private func prefetchForWriting(_ work: UnsafeMutablePointer<Scalar>, _ task: Int, row: Int) {
        vk_prefetch_for_writing(
            work + 2 * (row * stride + task * width), 2 * width * MemoryLayout<Scalar>.stride)
    }

    private func coarseFactor(_ k: Int, _ task: Int) -> (re: Double, im: Double) {
        let taskCount = leaf / width
        return (coarse[k * taskCount + task], coarse[(columns + k) * taskCount + task])
    }

    /// The element at `position` when the `width` positions from there all hold consecutive elements and nothing else.
    private func plainElement(at position: Int, _ interval: RingInterval) -> Int? {
        let element = position - interval.start
        let isInside = element >= 0 && element + width <= interval.count
        return isInside && interval.isPlain(period: 2 * length) ? element : nil
    }

    /// The `width` reals from `position` on: in place where they stand together, else gathered; `nil` for zeros.
    private func piece(
        at position: Int, _ interval: RingInterval, of source: UnsafePointer<Scalar>,
        into memory: UnsafeMutablePointer<Scalar>, loops: Loops
    ) -> UnsafePointer<Scalar>? {
        if let element = plainElement(at: position, interval) { return source + element }
        var isEmpty = true
        interval.forEachRun(at: position..<position + width, period: 2 * length) { run in
            if isEmpty { memory.update(repeating: 0, count: width) }
            isEmpty = false
            loops.pointee.add_scaled(
                source + run.element, run.isOdd ? -1 : 1, memory + (run.position - position), run.count)
        }
        return isEmpty ? nil : UnsafePointer(memory)
    }

    /// Stores (adds, where the row repeats) the `width` reals from `position` on that are wanted.
    private func scatter(
        _ values: UnsafeMutablePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, at position: Int,
        _ interval: RingInterval, loops: Loops
    ) {
        let adds = interval.repeatCount > 0  // `prepare` has zeroed the target
        interval.forEachRun(at: position..<position + width, period: 2 * length) { run in
            let wanted = values + (run.position - position)
            if !adds { (target + run.element).update(repeating: 0, count: run.count) }
            loops.pointee.add_scaled(wanted, run.isOdd ? -1 : 1, target + run.element, run.count)
        }
    }
}
