import Runtime

/// Which parts of a row of reals become which parts of its residue rows, for each role and for a whole ring.
///
/// Everything lies in plain arrays: it is read once for each row, where counting references would be felt.
struct FoldTable: Sendable {
    private let segments: AlignedArray<FoldSegment>
    /// For each segment and each q, the element of the row that is the real part at q · N + first, or -1; then the
    /// imaginary parts.
    private let offsets: AlignedArray<Int>
    /// The segments of each role, empty for one whose rows lie on the ring otherwise than in one piece; then those of
    /// the ring.
    private let ranges: AlignedArray<Range<Int>>
    private let radix: Int

    init(intervals: [RingInterval], radix: Int, rowLength: Int) {
        let period = 2 * radix * rowLength
        self.radix = radix
        func segments(_ interval: RingInterval) -> [(FoldSegment, offsets: [Int])] {
            FoldSegment.segments(of: interval, radix: radix, rowLength: rowLength)
        }
        let lists =
            intervals.map { $0.isPlain(period: period) ? segments($0) : [] }
            + [segments(RingInterval(start: 0, count: period))]
        let all = lists.flatMap { $0 }
        self.segments = AlignedArray(all.map(\.0))
        offsets = AlignedArray(all.flatMap(\.offsets))
        ranges = AlignedArray(zeros: lists.count)
        var start = 0
        for (index, list) in lists.enumerated() {
            ranges.pointer[index] = start..<start + list.count
            start += list.count
        }
    }

    /// Whether rows of the role lie on the ring in one piece.
    func isPlain(_ role: Role) -> Bool { !ranges.pointer[role.rawValue].isEmpty }

    /// Visits the segments of a role, or those of the ring, with the offsets of their real parts, and of their
    /// imaginary parts where there are any.
    @inline(__always)
    func forEachSegment(
        _ role: Role?, _ body: (FoldSegment, UnsafePointer<Int>, UnsafePointer<Int>?) -> Void
    ) {
        for index in ranges.pointer[role?.rawValue ?? ranges.count - 1] {
            let segment = segments.pointer[index]
            let re = UnsafePointer(offsets.pointer + 2 * radix * index)
            body(segment, re, segment.hasImaginary ? re + radix : nil)
        }
    }
}

/// A range of s for which the same parts of the residue rows come from a row of reals.
struct FoldSegment: Sendable {
    let first: Int
    let count: Int
    let hasImaginary: Bool
    /// Whether any part comes from the row.
    let isAnyWanted: Bool

    /// The segments of a row that lies within one period, cut where its first and its last element fall, each with
    /// its offsets.
    static func segments(
        of interval: RingInterval, radix: Int, rowLength: Int
    ) -> [(FoldSegment, offsets: [Int])] {
        let cuts = Set([
            0, interval.start % rowLength, (interval.start + interval.count) % rowLength, rowLength,
        ]).sorted()
        return zip(cuts, cuts.dropFirst()).map { first, next in
            // Real parts lie at the positions q · N + s, imaginary parts M = radix · N further on.
            let offsets = (0..<2 * radix).map { part in
                let element = part * rowLength + first - interval.start
                return (0..<interval.count).contains(element) ? element : -1
            }
            let segment = FoldSegment(
                first: first, count: next - first, hasImaginary: offsets[radix...].contains { $0 >= 0 },
                isAnyWanted: offsets.contains { $0 >= 0 })
            return (segment, offsets)
        }
    }
}
