import CLongConvolution
import Convolution
import Runtime

/// A call cut into tiles, parts of the batch: one tile if the engine can use all operands where they lie; else the others are
/// copied tile by tile.
///
/// The tiles depend on shapes and layouts alone, so results do not depend on the number of threads.
struct Tiling<Scalar: ConvolutionScalar> {
    private let operands: CallOperands
    private let layouts: [OperandLayout]
    private let taken: [Operand]
    private let copied: [Operand]
    private let description: Description
    private let channelsPerTile: Int
    private let samplesPerTile: Int

    /// The bytes that a tile's copies are to have, so that they stay in the cache.
    private static var wantedBytes: Int { 4 << 20 }
    /// The bytes that they may have where several channels are copied side by side, which uses cache lines whole.
    private static var largestBytes: Int { 64 << 20 }
    private static var wantedChannels: Int { 16 }

    /// - Parameters:
    ///   - description: Of the plan, which has rows.
    ///   - taken: The operands that the call may have.
    ///   - fewestChannels: The fewest channels of a tile.
    ///   - fewestSamples: The fewest samples of a tile: all of them where something is summed over them.
    init(
        _ description: Description, _ operands: CallOperands, _ layouts: [OperandLayout],
        _ taken: [Operand], fewestChannels: Int = 1, fewestSamples: Int = 1
    ) throws(Refusal) {
        self.description = description
        self.operands = operands
        self.layouts = layouts
        self.taken = taken.filter(operands.contains)
        var copied = self.taken.filter { !layouts[$0.rawValue].isDirect(for: $0) }
        // The engine takes an ungated output that lies as the output does; copies lie alike.
        for (ungated, other) in [(Operand.ungatedOutput, Operand.output), (.keptUngatedOutput, .upstream)]
        where self.taken.contains(ungated) {
            let isOtherCopied = copied.contains(other)
            guard isOtherCopied || layouts[ungated.rawValue].strides != layouts[other.rawValue].strides
            else { continue }
            copied += isOtherCopied ? [ungated] : [ungated, other]
        }
        self.copied = copied
        let (batch, channels) = (description.batch, description.channels)
        let rowBytes = copied.reduce(0) {
            $0 + Self.rowStride(layouts[$1.rawValue].rowCount) * MemoryLayout<Scalar>.stride
        }
        guard rowBytes > 0 else {
            (channelsPerTile, samplesPerTile) = (channels, batch)
            return
        }
        let rows = max(1, Self.wantedBytes / rowBytes)
        let (bytes, overflows) = rowBytes.multipliedReportingOverflow(
            by: fewestSamples * Self.wantedChannels)
        let sideBySide = !overflows && bytes <= Self.largestBytes ? Self.wantedChannels : 1
        channelsPerTile = min(channels, max(rows / batch, sideBySide, fewestChannels))
        samplesPerTile = min(batch, max(rows / channelsPerTile, fewestSamples))
        let (tileBytes, tileOverflows) = rowBytes.multipliedReportingOverflow(
            by: channelsPerTile * samplesPerTile)
        try expectMemory(tileOverflows ? nil : tileBytes)
    }

    /// Calls `body` with each tile, on the threads that the call chose.
    func forEachTile(_ body: (Tile<Scalar>) throws(Refusal) -> Void) throws(Refusal) {
        try operands.threads.with { () throws(Refusal) in
            for firstChannel in stride(from: 0, to: description.channels, by: channelsPerTile) {
                let channels = firstChannel..<min(firstChannel + channelsPerTile, description.channels)
                for firstSample in stride(from: 0, to: description.batch, by: samplesPerTile) {
                    let samples = firstSample..<min(firstSample + samplesPerTile, description.batch)
                    try run(BatchPart(samples: samples, channels: channels), body)
                }
            }
        }
    }

    /// Rows side by side that are whole pages apart would compete for the same cache sets.
    private static func rowStride(_ rowCount: Int) -> Int {
        rowCount.isMultiple(of: 256) ? rowCount + 16 : rowCount
    }

    private func run(
        _ part: BatchPart, _ body: (Tile<Scalar>) throws(Refusal) -> Void
    ) throws(Refusal) {
        var tile = Tile<Scalar>(isPerSample: description.isPerSample, part: part)
        var copies: [(rows: ContiguousRows<Scalar>, copy: RowCopy<Scalar>, isWritten: Bool)] = []
        for operand in taken {
            let layout = layouts[operand.rawValue]
            let start = operands.pointer(operand, Scalar.self)!
            // What all samples share has one.
            let samples = layout.samples == 1 ? 0..<1 : part.samples
            guard copied.contains(operand) else {
                tile[operand] = TileRows(
                    start: start + samples.lowerBound * layout.strides[0]
                        + part.channels.lowerBound * layout.strides[1],
                    samples: samples.count, channels: part.channels.count, rowCount: layout.rowCount,
                    strides: RowStrides(sample: layout.strides[0], channel: layout.strides[1]))
                continue
            }
            let ofOperand = BatchPart(samples: samples, channels: part.channels)
            let stride = Self.rowStride(layout.rowCount)
            let rows = try ContiguousRows<Scalar>(count: ofOperand.rowCount, rowCount: stride)
            let copy = RowCopy(start, layout, ofOperand, rows: rows.start, rowStride: stride)
            if !operand.isWritten { copy.gather() }
            copies.append((rows, copy, operand.isWritten))
            tile[operand] = TileRows(
                start: rows.start, samples: samples.count, channels: part.channels.count,
                rowCount: layout.rowCount,
                strides: RowStrides(sample: part.channels.count * stride, channel: stride))
        }
        try body(tile)
        for copy in copies where copy.isWritten { copy.copy.scatter() }
    }
}

extension OperandLayout {
    /// Whether the engine can use an operand where it lies. One number a channel is taken from contiguous memory only.
    func isDirect(for operand: Operand) -> Bool {
        isDirect && (operand.shape != .channel || channels == 1 || strides[1] == 1)
    }
}
