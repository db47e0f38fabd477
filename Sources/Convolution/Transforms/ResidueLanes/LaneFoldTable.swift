import CVectorLoops
import Runtime

/// Which elements of a row of reals the residue rows in the lanes consist of, for each role and for a whole period of 2M
/// reals.
///
/// The loops read whole vectors along s. So the elements s = 0 ..< N are cut into runs of whole vectors in which every
/// residue row takes all of its elements from the row or none, and into single vectors, where a row begins or ends or N is
/// not a multiple of the lanes: those go through a staging area. Where several tasks fold a row, each has runs of its own.
struct LaneFoldTable: Sendable {
    private let runs: AlignedArray<vl_lane_run>
    /// What the runs point to.
    private let offsets: AlignedArray<Int>
    private let pieces: AlignedArray<vl_lane_piece>
    /// The runs of each role and task, empty for a role whose rows wrap around; then those of the whole period.
    private let ranges: AlignedArray<Range<Int>>
    /// Into `runs` and `ranges`, which are there as long: a reference would be counted for every row.
    private nonisolated(unsafe) let firstRun: UnsafePointer<vl_lane_run>
    private nonisolated(unsafe) let firstRange: UnsafePointer<Range<Int>>
    private let taskCount: Int

    /// - Parameters:
    ///   - tasks: The ranges of elements s of each task, whole vectors of them; one task with everything for a row that is
    ///     folded at once.
    ///   - staged: Where the vectors of the staging area begin.
    init(
        intervals: [WrappedInterval], lanes: Int, rowLength: Int, tasks: [[Range<Int>]],
        staged: UnsafePointer<Int>
    ) {
        taskCount = tasks.count
        let period = 2 * lanes * rowLength
        let row = Run.Row(lanes: lanes, length: rowLength, isShared: tasks.count > 1)
        var lists = intervals.flatMap { interval in
            tasks.map { interval.isUnwrapped(period: period) ? Run.all(of: interval, in: $0, row) : [] }
        }
        lists.append(Run.all(of: WrappedInterval(start: 0, count: period), in: [0..<rowLength], row))
        let all = lists.flatMap { $0 }
        offsets = AlignedArray(all.flatMap { $0.pieces.map { $0.count == 0 ? -1 : $0.element } })
        pieces = AlignedArray(all.flatMap { $0.isStaged ? $0.pieces : [] })
        let (offsets, pieces) = (offsets, pieces)
        var stagedCount = 0
        runs = AlignedArray(
            all.enumerated().map { index, run in
                if run.isStaged { stagedCount += 1 }
                let re = run.isStaged ? staged : UnsafePointer(offsets.pointer + 2 * lanes * index)
                return vl_lane_run(
                    first: run.first, count: run.count, re: re,
                    im: run.pieces[lanes...].contains { $0.count > 0 } ? re + lanes : nil,
                    pieces: run.isStaged
                        ? UnsafePointer(pieces.pointer + 2 * lanes * (stagedCount - 1)) : nil,
                    is_wanted: run.pieces.contains { $0.count > 0 } ? 1 : 0)
            })
        ranges = AlignedArray(zeros: lists.count)
        var start = 0
        for (index, list) in lists.enumerated() {
            ranges.pointer[index] = start..<start + list.count
            start += list.count
        }
        (firstRun, firstRange) = (UnsafePointer(runs.pointer), UnsafePointer(ranges.pointer))
    }

    /// Whether rows of the role lie within one period, in order.
    func isUnwrapped(_ role: OperandRole) -> Bool { !firstRange[role.rawValue * taskCount].isEmpty }

    /// A task's runs of a role, or all runs of the whole period.
    @inline(__always)
    func runs(_ role: OperandRole?, task: Int) -> UnsafeBufferPointer<vl_lane_run> {
        let range = firstRange[
            role.map { $0.rawValue * taskCount + task } ?? OperandRole.allCases.count * taskCount]
        return UnsafeBufferPointer(start: firstRun + range.lowerBound, count: range.count)
    }
}

/// A run, with its pieces at its first elements: real parts, then imaginary parts.
private struct Run {
    let first: Int
    var count: Int
    let pieces: [vl_lane_piece]
    let isStaged: Bool

    /// The row in lanes.
    struct Row {
        let lanes: Int
        let length: Int
        /// Whether several threads read and write a row, so that nothing may be written too much.
        let isShared: Bool
    }

    init(first: Int, of interval: WrappedInterval, _ row: Row) {
        let lanes = row.lanes
        self.first = first
        let width = min(lanes, row.length - first)
        count = width
        // Real parts lie at the positions q · N + s, imaginary parts M = lanes · N further on.
        let pieces = (0..<2 * lanes).map { part in
            let element = part * row.length + first - interval.start
            let lower = max(0, -element), upper = min(width, interval.count - element)
            return lower < upper
                ? vl_lane_piece(element: element + lower, place: lower, count: upper - lower)
                : vl_lane_piece(element: 0, place: 0, count: 0)
        }
        isStaged = !pieces.allSatisfy { $0.count == 0 || $0.count == lanes }
        // What follows in the row may be read, and written with any values: what belongs there is written later.
        self.pieces = pieces.map { piece in
            guard !row.isShared, piece.count > 0, piece.place == 0, piece.element + lanes <= interval.count
            else { return piece }
            return vl_lane_piece(element: piece.element, place: 0, count: lanes)
        }
    }

    /// Those of a row that lies within one period, for some of the elements s.
    static func all(of interval: WrappedInterval, in ranges: [Range<Int>], _ row: Row) -> [Run] {
        var runs: [Run] = []
        for range in ranges {
            var isFirst = true
            var first = range.lowerBound
            while first < range.upperBound {
                var run = Run(first: first, of: interval, row)
                if !run.isStaged {
                    run.count = max(run.count, run.alikeCount(of: interval, before: range.upperBound, row))
                }
                first += run.count
                if !isFirst, runs.last!.continues(with: run) {
                    runs[runs.count - 1].count += run.count
                } else {
                    runs.append(run)
                }
                isFirst = false
            }
        }
        // The vector that N cuts comes first: what it writes too much, other runs write again.
        if let last = runs.last, last.isStaged { runs.insert(runs.removeLast(), at: 0) }
        return runs
    }

    /// The elements from `first` on, in whole vectors below `end`, at which the row has what it has at the first vector.
    private func alikeCount(of interval: WrappedInterval, before end: Int, _ row: Row) -> Int {
        let most = (end - first) / row.lanes
        let vectors = (0..<2 * row.lanes).reduce(most) { vectors, part in
            let element = part * row.length + first - interval.start
            // Up to where the row begins, if it has not begun; up to where it ends, if it has not ended.
            let rest = element < 0 ? -element : element < interval.count ? interval.count - element : .max
            return min(vectors, rest / row.lanes)
        }
        return vectors * row.lanes
    }

    private func continues(with next: Run) -> Bool {
        !isStaged && !next.isStaged
            && zip(pieces, next.pieces).allSatisfy { ($0.count == 0) == ($1.count == 0) }
    }
}
