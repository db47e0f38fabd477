import Runtime

/// A part of a batch: consecutive samples and channels.
struct BatchPart: Sendable {
    let samples: Range<Int>
    let channels: Range<Int>

    var rowCount: Int { samples.count * channels.count }

    /// The given number of channels of one sample.
    static func channels(_ count: Int) -> BatchPart { BatchPart(samples: 0..<1, channels: 0..<count) }
}

/// Copies between an operand with any strides and the contiguous rows of a part of it.
///
/// `@unchecked Sendable`: the tasks of a copy read and write different elements.
struct RowCopy<Scalar>: @unchecked Sendable {
    private let strided: UnsafeMutablePointer<Scalar>
    private let rows: UnsafeMutablePointer<Scalar>
    private let layout: OperandLayout
    private let part: BatchPart
    /// From a row of the part to the next one.
    private let rowStride: Int

    /// Channels that are copied side by side, so that where they are neighbors in memory each cache line is used whole.
    private static var channelsAtOnce: Int { 16 }

    /// - Parameters:
    ///   - strided: Where the operand's element (0, 0, 0) lies.
    ///   - rows: The part's rows, one after the other.
    ///   - rowStride: From one of them to the next; `nil` if they are contiguous.
    init(
        _ strided: UnsafeMutablePointer<Scalar>, _ layout: OperandLayout, _ part: BatchPart,
        rows: UnsafeMutablePointer<Scalar>, rowStride: Int? = nil
    ) {
        self.strided = strided
        self.rows = rows
        self.layout = layout
        self.part = part
        self.rowStride = rowStride ?? layout.rowCount
    }

    /// From the operand into rows.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func gather() {
        forEachLine { strided, stride, row, rowStride, count in
            Self.copy(strided, stride, to: row, rowStride, count)
        }
    }

    /// From rows into the operand.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func scatter() {
        forEachLine { strided, stride, row, rowStride, count in
            Self.copy(row, rowStride, to: strided, stride, count)
        }
    }

    /// A line of elements in the operand, its stride, their places in the rows, the stride of those, and how many they are.
    private typealias CopyLine = (
        UnsafeMutablePointer<Scalar>, Int, UnsafeMutablePointer<Scalar>, Int, Int
    ) -> Void

    private func forEachLine(_ copy: CopyLine) {
        let atOnce = Self.channelsAtOnce
        let blocks = (part.channels.count + atOnce - 1) / atOnce
        let elements = part.rowCount * layout.rowCount
        parallelFor(part.samples.count * blocks, nanoseconds: Double(elements)) { task, _ in
            let (sample, block) = task.quotientAndRemainder(dividingBy: blocks)
            let channels = block * atOnce..<min((block + 1) * atOnce, part.channels.count)
            forEachLine(ofSample: sample, channels, copy)
        }
    }

    /// The lines of a few channels of one sample, both numbered within the part.
    private func forEachLine(ofSample sample: Int, _ channels: Range<Int>, _ copy: CopyLine) {
        let channelStride = layout.strides[1]
        let width = layout.counts.last!
        let stride = layout.strides.last!
        let (lines, lineStride) = layout.counts.count == 4 ? (layout.counts[2], layout.strides[2]) : (1, 0)
        let first = part.channels.lowerBound + channels.lowerBound
        for line in 0..<lines {
            let source =
                strided + (part.samples.lowerBound + sample) * layout.strides[0] + first * channelStride
                + line * lineStride
            let target =
                rows + (sample * part.channels.count + channels.lowerBound) * rowStride + line * width
            if abs(channelStride) < abs(stride) {
                for element in 0..<width {
                    copy(
                        source + element * stride, channelStride, target + element, rowStride,
                        channels.count)
                }
            } else {
                for channel in 0..<channels.count {
                    copy(
                        source + channel * channelStride, stride, target + channel * rowStride, 1, width
                    )
                }
            }
        }
    }

    private static func copy(
        _ source: UnsafeMutablePointer<Scalar>, _ sourceStride: Int,
        to target: UnsafeMutablePointer<Scalar>, _ targetStride: Int, _ count: Int
    ) {
        if sourceStride == 1, targetStride == 1 { return target.update(from: source, count: count) }
        for index in 0..<count { target[index &* targetStride] = source[index &* sourceStride] }
    }
}
