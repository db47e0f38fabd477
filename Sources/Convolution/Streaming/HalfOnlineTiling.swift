import Runtime

/// The tiling by which a signal is convolved with a known kernel k of K taps while it arrives.
///
/// Samples are counted from 1. When x[t] has arrived and y[t] is complete, let U be the largest power of two that divides
/// t. The tile adds the convolution of x[t-U+1 ... t] with k[1 ... 2U-1] to y[t+1 ... t+U]. A pair of a sample s and an
/// output n > s belongs to exactly one tile: the one at the multiple t of the largest power of two with s ≤ t < n.
/// U ends at the smallest power of two that is at least K - 1: such a tile covers all that its samples add to outputs behind
/// it, so what is remembered of the past is one block of that many samples.
///
/// A tile of size U comes every 2U samples and takes O(U log U) operations, so that a sample takes O(log² K).
///
/// Tiles below ``block`` are columns instead: a sample is multiplied with the first taps and added to the outputs of its
/// block. Tiles up to ``longestDirectTile`` are summed directly.
///
/// Source: M. J. Fischer, L. J. Stockmeyer, "Fast on-line integer multiplication" (1974), doi 10.1016/S0022-0000(74)80047-4;
/// J. van der Hoeven, "Relax, but don't be too lazy" (2002), doi 10.1006/jsco.2002.0562.
struct HalfOnlineTiling<Scalar: ConvolutionScalar>: Sendable {
    /// K.
    let kernelLength: Int
    /// The largest tile, at least ``block``.
    let largestTile: Int
    let longestDirectTile: Int
    /// The convolvers of the tiles above ``longestDirectTile``, small ones first: each for twice the size of the one
    /// before.
    let levels: [TileConvolver<Scalar>]
    /// Where the spectrum of each level begins in a channel's spectra, and how long these are.
    let spectrumOffsets: [Int]

    /// The samples of a block.
    @inline(__always)
    static var block: Int { CostModel.streamedBlock }

    init(kernelLength: Int) throws(ConvolutionError) {
        self.kernelLength = kernelLength
        // The same limit as for a plan's extents: no size that follows overflows.
        guard kernelLength <= Int.max / 256 else { throw .sizeOverflow(extents: [kernelLength]) }
        // Rows alone, before any plan is made.
        try Machine.checkMemory(checkedProduct([kernelLength, 3, MemoryLayout<Scalar>.stride]))
        var largest = Self.block
        while largest < kernelLength - 1 { largest *= 2 }
        largestTile = largest
        longestDirectTile = min(CostModel.longestDirectTile, largest)
        var levels: [TileConvolver<Scalar>] = []
        var offsets = [0]
        var size = 2 * CostModel.longestDirectTile
        while size <= largest {
            // Sample i of the tile and tap 1 + j belong to output i + j - (U - 1) behind it.
            let level = try TileConvolver<Scalar>(
                Axis(signal: size, kernel: 2 * size - 1, outputs: size - 1..<2 * size - 1))
            levels.append(level)
            offsets.append(offsets.last! + level.spectrumCount)
            size *= 2
        }
        self.levels = levels
        spectrumOffsets = offsets
    }

    /// The index of the level of tiles of a size above ``longestDirectTile``.
    @inline(__always)
    func level(of size: Int) -> Int {
        size.trailingZeroBitCount - CostModel.longestDirectTile.trailingZeroBitCount - 1
    }

    /// The bytes of the kernels and rows of a stream.
    func byteCount(channels: Int, workerCount: Int) throws(ConvolutionError) -> Int {
        let channel = try checkedSum([
            headCount, spectrumOffsets.last!, kernelLength, HalfOnlineRows<Scalar>.rowCount(self),
        ])
        let count = try checkedSum([
            checkedProduct([channels, channel]), checkedProduct([workerCount, memoryLayout.count]),
        ])
        return try checkedProduct([count, MemoryLayout<Scalar>.stride])
    }

    /// The memory of a thread.
    var memoryLayout: TileMemory<Scalar>.Layout { TileMemory<Scalar>.Layout(levels, rows: 2 * largestTile) }

    /// The scalars of a channel's taps for tiles that are summed: a block of zeros, then k[0 ..< 2 · longestDirectTile].
    var headCount: Int { Self.block + 2 * longestDirectTile }
}

/// The kernels of all channels as ``HalfOnlineTiling`` reads them: first taps and spectra. Shared by all streams with these
/// kernels.
///
/// `@unchecked Sendable`: written by its owner, channel by channel, before it is shared; only read afterwards.
final class HalfOnlineKernel<Scalar: ConvolutionScalar>: @unchecked Sendable {
    let tiling: HalfOnlineTiling<Scalar>
    let channels: Int
    private let headCount: Int
    private let heads: AlignedArray<Scalar>
    private let spectra: AlignedArray<Scalar>
    private let taps: AlignedArray<Scalar>

    /// Kernels of zeros.
    init(_ tiling: HalfOnlineTiling<Scalar>, channels: Int) {
        self.tiling = tiling
        self.channels = channels
        headCount = tiling.headCount
        heads = AlignedArray(zeros: channels * headCount)
        spectra = AlignedArray(zeros: channels * tiling.spectrumOffsets.last!)
        taps = AlignedArray(zeros: channels * tiling.kernelLength)
    }

    /// The kernels themselves, `[C, K]`.
    var rows: UnsafeBufferPointer<Scalar> { UnsafeBufferPointer(start: taps.pointer, count: taps.count) }

    /// The kernel of a channel, K taps.
    func row(_ channel: Int) -> UnsafeBufferPointer<Scalar> {
        let count = tiling.kernelLength
        return UnsafeBufferPointer(rebasing: rows[channel * count..<(channel + 1) * count])
    }

    /// The taps of a channel from k[0] on; a block of zeros lies before them.
    @inline(__always)
    func head(_ channel: Int) -> UnsafePointer<Scalar> {
        UnsafePointer(heads.pointer + channel * headCount + HalfOnlineTiling<Scalar>.block)
    }

    /// The spectrum of a channel's taps k[1 ... 2U-1] for tiles of the given level.
    @inline(__always)
    func spectrum(_ channel: Int, level: Int) -> UnsafePointer<Scalar> {
        UnsafePointer(
            spectra.pointer + channel * tiling.spectrumOffsets.last! + tiling.spectrumOffsets[level])
    }

    /// Prepares the kernel of a channel, K taps.
    func write(_ kernel: UnsafePointer<Scalar>, channel: Int, _ memory: TileMemory<Scalar>) {
        let count = tiling.kernelLength
        (taps.pointer + channel * count).update(from: kernel, count: count)
        let head = heads.pointer + channel * headCount + HalfOnlineTiling<Scalar>.block
        head.update(from: kernel, count: min(count, 2 * tiling.longestDirectTile))
        guard !tiling.levels.isEmpty else { return }
        let row = memory.rows
        row.update(repeating: 0, count: 2 * tiling.largestTile)
        row.update(from: kernel + 1, count: count - 1)
        for (index, level) in tiling.levels.enumerated() {
            level.transform(
                row, .kernel, into: UnsafeMutablePointer(mutating: spectrum(channel, level: index)), memory)
        }
    }

    /// A fingerprint of the taps.
    var checksum: UInt64 { kernelChecksum(rows) }
}
