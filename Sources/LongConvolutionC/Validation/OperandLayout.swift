import CLongConvolution

/// Where the elements of an operand lie, relative to its pointer, in scalars.
final class OperandLayout: Sendable {
    /// Samples, channels, and one or two extents of a row (plane).
    let counts: [Int]
    /// From an element to the next one along the same axes; 0 along axes of one element.
    let strides: [Int]
    /// The lowest and the highest offset of an element; nothing is there if the operand is empty.
    let lowest: Int
    let highest: Int

    var samples: Int { counts[0] }
    var channels: Int { counts[1] }
    /// The elements of one row (plane).
    let rowCount: Int
    /// Whether the engine can use it where it lies.
    let isDirect: Bool
    var isEmpty: Bool { samples == 0 || channels == 0 }

    /// A contiguous batch in row-major order.
    convenience init(contiguous counts: [Int], _ name: String) throws(Refusal) {
        var strides = counts
        var stride = 1
        for axis in counts.indices.reversed() {
            strides[axis] = stride
            let (product, overflows) = stride.multipliedReportingOverflow(by: max(counts[axis], 1))
            try expect(
                !overflows && product <= Self.largestExtent, LONGCONV_SIZE_OVERFLOW,
                "expected \(name) of at most \(Self.largestExtent) scalars, got \(counts)")
            stride = product
        }
        try self.init(counts: counts, strides: strides, name)
    }

    /// A batch with given strides.
    init(counts: [Int], strides: [Int], _ name: String) throws(Refusal) {
        self.counts = counts
        let strides = zip(counts, strides).map { $0 <= 1 ? 0 : $1 }
        self.strides = strides
        isDirect = Self.hasContiguousRows(counts, strides) && strides[0] >= 0 && strides[1] >= 0
        rowCount = counts[2...].reduce(1, *)
        guard !counts.contains(0) else {
            (lowest, highest) = (0, 0)
            return
        }
        var (lowest, highest) = (0, 0)
        for (count, stride) in zip(counts, strides) {
            let (reach, overflows) = (count - 1).multipliedReportingOverflow(by: stride)
            let (end, endOverflows) = (reach < 0 ? lowest : highest).addingReportingOverflow(reach)
            try expect(
                !overflows && !endOverflows && end.magnitude <= Self.largestExtent, LONGCONV_SIZE_OVERFLOW,
                "expected \(name) within \(Self.largestExtent) scalars, got strides \(strides) of extents \(counts)"
            )
            if reach < 0 { lowest = end } else { highest = end }
        }
        (self.lowest, self.highest) = (lowest, highest)
    }

    /// Offsets of elements stay below it, so that sums of a few of them, in bytes, do not overflow.
    static let largestExtent = Int.max / 64

    /// Whether each element has a place of its own because every axis steps over all that those of smaller strides reach.
    var isNested: Bool {
        var reach = 0
        for (stride, count) in zip(strides, counts).filter({ $1 > 1 }).map({ (abs($0), $1) }).sorted(by: <) {
            guard stride > reach else { return false }
            reach += (count - 1) * stride
        }
        return true
    }

    /// Whether rows (planes) are contiguous.
    private static func hasContiguousRows(_ counts: [Int], _ strides: [Int]) -> Bool {
        var expected = 1
        for axis in counts.indices[2...].reversed() {
            guard counts[axis] == 1 || strides[axis] == expected else { return false }
            expected *= counts[axis]
        }
        return true
    }
}
