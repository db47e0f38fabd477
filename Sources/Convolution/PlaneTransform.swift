/// The transform of a plane of reals: right-angle along the rows, an ordinary complex transform down the columns.
///
/// Rows that are zero (the padding) are never transformed along the first axis. The columns are turned into rows some
/// at a time (FFTW transforms rows three to five times as fast as columns), transformed, multiplied and transformed
/// back while they are in the cache.
final class PlaneTransform<Scalar: ConvolutionScalar>: Sendable {
    private let rows: LineTransform<Scalar>
    /// The period of the ring down the columns.
    private let height: Int
    /// How many columns are transformed together.
    private let width: Int
    private let rowsPerTask: Int
    private let columns: UnorderedTransform<Scalar>
    /// Down the columns, by role.
    private let intervals: [RingInterval]
    /// The extents of the rows, by role, in reals.
    private let rowLengths: [Int]

    /// - Parameters:
    ///   - recipe: How the rows are transformed.
    ///   - column: How the columns are transformed; its length is the period down the columns.
    ///   - rowIntervals: Where elements lie along a row, by role.
    ///   - columnIntervals: Where rows lie down the columns, by role.
    init(
        recipe: LineRecipe, column: FourierRecipe, rowIntervals: [RingInterval],
        columnIntervals: [RingInterval],
        rigour: Rigour
    ) throws(ConvolutionError) {
        height = column.length
        rows = try LineTransform(
            recipe: recipe, intervals: rowIntervals, normalization: 1 / Double(height), rigour: rigour)
        intervals = columnIntervals
        rowLengths = rowIntervals.map(\.count)
        let pitch = rows.spectrumCount
        width = Self.width(pitch: pitch, height: height)
        rowsPerTask = max(1, 8192 / pitch)
        columns = try UnorderedTransform(column, count: width, rigour: rigour)
    }

    /// A divisor of the pitch, a multiple of a cache line, for blocks of about 32 KiB.
    private static func width(pitch: Int, height: Int) -> Int {
        let line = 8
        let lines = pitch / line
        let wanted = max(1, 32768 / (height * line * 2 * MemoryLayout<Scalar>.stride))
        return line * (1...lines).last { lines.isMultiple(of: $0) && $0 <= wanted }!
    }

    var tableByteCount: Int { rows.tableByteCount + columns.tableByteCount }
}

extension PlaneTransform: SpectralTransform {
    var spectrumCount: Int { columns.stride * rows.spectrumCount }
    var workCount: Int { intervals.map(\.count).max()! * rows.spectrumCount }
    /// What the rows need, or a block of columns.
    var scratchCount: Int { max(rows.workCount + rows.scratchCount, blockLength) }
    var blockCount: Int { rows.spectrumCount / width }
    var blockLength: Int { columns.stride * width }
    var transformedCount: Int { height * rows.transformedCount }

    func taskCount(_ role: Role) -> Int { (intervals[role.rawValue].count + rowsPerTask - 1) / rowsPerTask }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let rowScratch = scratch + 2 * rows.workCount
        for row in rowsOfTask(task, role) {
            for part in 0..<rows.taskCount(role) {
                rows.open(
                    part, of: source + row * rowLengths[role.rawValue], role, into: scratch,
                    scratch: rowScratch, loops: loops)
            }
            for block in 0..<rows.blockCount {
                let spectrum = work + 2 * (row * rows.spectrumCount + block * rows.blockLength)
                rows.transform(block, of: scratch, role, into: spectrum, scratch: rowScratch, loops: loops)
            }
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let interval = intervals[role.rawValue]
        let pitch = rows.spectrumCount
        if interval.count < height { scratch.update(repeating: 0, count: 2 * blockLength) }
        interval.forEachRun(at: 0..<height, period: height) { run in
            let source = work + 2 * ((run.element - run.position) * pitch + block * width)
            columns.forEachPiece(of: run.position..<run.position + run.count) { first, part, j, count in
                loops.pointee.transpose(
                    source + 2 * first * pitch, pitch, scratch + 2 * (columns.offset(ofBlock: part) + j),
                    columns.stride, count, width)
            }
        }
        columns.transform(scratch, into: spectrum, loops: loops)
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        columns.untransform(spectrum, into: scratch, loops: loops)
        let interval = intervals[role.rawValue]
        let pitch = rows.spectrumCount
        addRepeats(of: interval, in: scratch, loops: loops)
        let once = RingInterval(start: interval.start, count: interval.count)
        once.forEachRun(at: 0..<height, period: height) { run in
            let target = work + 2 * ((run.element - run.position) * pitch + block * width)
            columns.forEachPiece(of: run.position..<run.position + run.count) { first, part, j, count in
                loops.pointee.transpose(
                    scratch + 2 * (columns.offset(ofBlock: part) + j), columns.stride,
                    target + 2 * first * pitch, pitch, width, count)
            }
        }
    }

    /// Adds what rows take from their second position to what stands at their first.
    private func addRepeats(of interval: RingInterval, in scratch: UnsafeMutablePointer<Scalar>, loops: Loops)
    {
        for row in 0..<interval.repeatCount {
            let first = columns.offset(ofElement: onRing(interval.start + row))
            let second = columns.offset(ofElement: onRing(interval.start + row + interval.repeatDistance))
            for column in 0..<width {
                let line = scratch + 2 * column * columns.stride
                loops.pointee.add_scaled(line + 2 * second, 1, line + 2 * first, 2)
            }
        }
    }

    /// The position modulo the height, from 0 also for those below 0, where correlation puts outputs.
    private func onRing(_ position: Int) -> Int {
        let remainder = position % height
        return remainder < 0 ? remainder + height : remainder
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let rowScratch = scratch + 2 * rows.workCount
        for row in rowsOfTask(task, role) {
            for block in 0..<rows.blockCount {
                let spectrum = work + 2 * (row * rows.spectrumCount + block * rows.blockLength)
                rows.untransform(
                    block, from: spectrum, role, into: scratch, scratch: rowScratch, loops: loops)
            }
            for part in 0..<rows.taskCount(role) {
                rows.close(
                    part, scratch, role, into: target + row * rowLengths[role.rawValue], scratch: rowScratch,
                    loops: loops)
            }
        }
    }

    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {
        for row in rowsOfTask(task, role) {
            for block in 0..<rows.blockCount {
                rows.executeBlock(block, work + 2 * row * rows.spectrumCount, into: scratch, scratch: scratch)
            }
        }
    }

    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        columns.executeTransforms(scratch, into: spectrum)
    }

    private func rowsOfTask(_ task: Int, _ role: Role) -> Range<Int> {
        let count = intervals[role.rawValue].count
        return task * rowsPerTask..<min((task + 1) * rowsPerTask, count)
    }
}
