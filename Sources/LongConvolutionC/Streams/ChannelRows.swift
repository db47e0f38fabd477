import CLongConvolution

/// The samples of a stream's channels in memory, [C, n]: those of a channel are contiguous, channels are a stride apart. Made
/// without allocating, unless it is refused.
struct ChannelRows<Scalar> {
    private let description: StreamDescription
    /// The samples of a channel, n.
    let count: Int
    private let start: UnsafeMutablePointer<Scalar>
    /// From channel to channel; 0 for a single one.
    private let stride: Int
    private let bytes: ClosedRange<UInt>

    /// - Parameter pointer: Where the first sample of the first channel lies.
    init(
        _ pointer: UnsafeRawPointer, _ description: StreamDescription, count: Int, stride: Int, _ name: String
    ) throws(Refusal) {
        self.description = description
        self.count = count
        let channels = description.channels
        self.stride = channels == 1 ? 0 : stride
        start = UnsafeMutablePointer(mutating: pointer.assumingMemoryBound(to: Scalar.self))
        let (total, totalOverflows) = channels.multipliedReportingOverflow(by: count)
        let (reach, reachOverflows) = (channels - 1).multipliedReportingOverflow(by: self.stride)
        let limit = OperandLayout.largestExtent / 2
        if totalOverflows || reachOverflows || total > limit || reach.magnitude > limit {
            // The layout knows exactly.
            _ = try description.layout(count, channelStride: stride, "the \(name)")
        }
        bytes = try Placement.bytes(
            pointer, min(0, reach)...max(0, reach) + count - 1, scalarSize: MemoryLayout<Scalar>.stride, name)
    }

    private var channels: Int { description.channels }
    /// The scalars of all channels, C n.
    var total: Int { channels * count }
    var areContiguous: Bool { channels == 1 || stride == count }
    /// All scalars, where they are contiguous.
    var scalars: UnsafeMutableBufferPointer<Scalar> { UnsafeMutableBufferPointer(start: start, count: total) }
    /// Whether no two channels have a sample in common.
    var areApart: Bool { channels == 1 || stride.magnitude >= count.magnitude }

    /// Whether both are the same memory in the same order.
    func isSame(as other: ChannelRows) -> Bool { start == other.start && stride == other.stride }

    /// Whether both, of as many channels and samples, have a scalar in common.
    func overlaps(_ other: ChannelRows) throws(Refusal) -> Bool {
        guard bytes.overlaps(other.bytes) else { return false }
        // Channels of one may lie between those of the other.
        return try placement.overlaps(other.placement)
    }

    private var placement: Placement {
        get throws(Refusal) {
            try Placement(
                start, description.layout(count, channelStride: stride, "samples"),
                scalarSize: MemoryLayout<Scalar>.stride, "samples")
        }
    }

    /// Copies the samples to contiguous rows.
    func gather(into rows: UnsafeMutableBufferPointer<Scalar>) {
        guard var target = rows.baseAddress else { return }
        for channel in 0..<channels {
            target.update(from: start + channel * stride, count: count)
            target += count
        }
    }

    /// Copies contiguous rows to the samples.
    func scatter(from rows: UnsafeMutableBufferPointer<Scalar>) {
        guard var source = rows.baseAddress else { return }
        for channel in 0..<channels {
            (start + channel * stride).update(from: source, count: count)
            source += count
        }
    }
}
