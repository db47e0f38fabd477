import Runtime

/// The rows of a stream with known kernels: what has arrived since the last boundary between largest tiles, and what it
/// adds to the outputs up to the next one.
///
/// `@unchecked Sendable`: only a value that holds the only reference writes to it.
final class HalfOnlineRows<Scalar: ConvolutionScalar>: @unchecked Sendable {
    let kernel: HalfOnlineKernel<Scalar>
    let channels: Int
    /// The samples that have arrived. (One thread writes, when no other has a reference.)
    @exclusivity(unchecked) private(set) var position = 0
    /// Those since the last boundary, below ``HalfOnlineTiling/largestTile``.
    @exclusivity(unchecked) private(set) var phase = 0
    private let loops: Loops
    private let workerCount: Int
    private let largestTile, longestDirectTile, rowCount: Int
    /// The rows of the channels, then the memory of the threads.
    private let memory: AlignedArray<Scalar>
    private let layout: TileMemory<Scalar>.Layout
    /// What the threads of ``loop`` do with each channel.
    @exclusivity(unchecked) private var sharedWork: ChannelWork<Scalar>?
    /// Created with the rows, so that no push allocates; `nil` for one thread.
    private var loop: ReusableLoop?

    /// The beginning of a stream.
    init(_ kernel: HalfOnlineKernel<Scalar>, workerCount: Int) {
        let tiling = kernel.tiling
        self.kernel = kernel
        channels = kernel.channels
        self.workerCount = workerCount
        loops = Scalar.vectorLoops
        (largestTile, longestDirectTile) = (tiling.largestTile, tiling.longestDirectTile)
        rowCount = Self.rowCount(tiling)
        layout = tiling.memoryLayout
        memory = AlignedArray(zeros: channels * rowCount + workerCount * layout.count)
        if workerCount > 1 { loop = channelLoop() }
    }

    /// A copy, with its own memory.
    convenience init(copying other: HalfOnlineRows) {
        self.init(other.kernel, workerCount: other.workerCount)
        (position, phase) = (other.position, other.phase)
        memory.pointer.update(from: other.memory.pointer, count: channels * rowCount)
    }

    private var tiling: HalfOnlineTiling<Scalar> { kernel.tiling }

    /// A channel's samples, its pending outputs, and its last samples in reverse; then a cache line, so that the rows of
    /// channels are no whole pages apart.
    static func rowCount(_ tiling: HalfOnlineTiling<Scalar>) -> Int {
        2 * tiling.largestTile + wholeCacheLines(tiling.longestDirectTile) + 16
    }

    @inline(__always)
    private func row(_ channel: Int) -> StreamedRow<Scalar> {
        let samples = memory.pointer + channel * rowCount
        return StreamedRow(
            samples: samples, pending: samples + largestTile, recent: samples + 2 * largestTile,
            recentMask: longestDirectTile - 1)
    }

    /// Prepares the kernels of all channels, K taps each, `stride` apart: before the rows are shared.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func writeKernel(_ kernel: UnsafePointer<Scalar>, stride: Int) {
        forEachChannel(
            nanoseconds: { 2 * Double(channels * (tiling.levels.last?.cost ?? 0)) },
            .writeKernel(kernel, stride: stride))
    }

    /// Takes `count` samples of each channel and returns as many outputs; the channels of both are `stride` apart.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func push(
        _ input: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>, stride: Int, count: Int
    ) {
        forEachChannel(nanoseconds: { cost(count) }, .push(input, into: output, stride: stride, count: count))
        position += count
        phase = (phase + count) & (largestTile - 1)
    }

    /// Continues behind `count` samples, of which `samples` has the last ones, `[C, available]`, at least K - 1 if there
    /// are as many.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func begin(behind samples: UnsafePointer<Scalar>, stride: Int, available: Int, position: Int) {
        forEachChannel(
            nanoseconds: { Double(channels * (tiling.levels.last?.cost ?? 0)) },
            .begin(samples, stride: stride, available: available))
        self.position = position
        phase = 0
    }

    /// Starts anew.
    func reset() {
        memory.pointer.update(repeating: 0, count: channels * rowCount)
        (position, phase) = (0, 0)
    }

    /// Does work on each channel, on several threads if it takes long.
    @inline(__always)
    private func forEachChannel(nanoseconds: () -> Double, _ work: ChannelWork<Scalar>) {
        if workerCount > 1, isWorthSpreading(nanoseconds: nanoseconds()), let loop {
            sharedWork = work
            loop.run(channels)
        } else {
            for channel in 0..<channels { perform(work, channel, worker: 0) }
        }
    }

    /// The loop that does ``sharedWork``. Its closure is specialized where it is created.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    private func channelLoop() -> ReusableLoop {
        // The rows outlive their loop.
        ReusableLoop(workers: workerCount) { [unowned(unsafe) self] in perform(sharedWork!, $0, worker: $1) }
    }

    @inline(__always)
    private func perform(_ work: ChannelWork<Scalar>, _ channel: Int, worker: Int) {
        let memory = TileMemory(
            layout, at: self.memory.pointer + channels * rowCount + worker * layout.count, loops)
        switch work {
        case .push(let input, let output, let stride, let count):
            push(input + channel * stride, into: output + channel * stride, count: count, channel, memory)
        case .begin(let samples, let stride, let available):
            begin(behind: samples + channel * stride, available: available, channel, memory)
        case .writeKernel(let kernel, let stride):
            self.kernel.write(kernel + channel * stride, channel: channel, memory)
        }
    }

    /// The estimated nanoseconds of `count` samples of all channels.
    private func cost(_ count: Int) -> Double {
        var cost = count * CostModel.streamedSample
        var size = 2 * CostModel.longestDirectTile
        for level in tiling.levels {
            cost += ((phase + count) / size - phase / size) * level.cost
            size *= 2
        }
        return Double(cost * channels)
    }
}

/// What is done with each channel, whose arrays are `stride` apart.
private enum ChannelWork<Scalar> {
    case push(UnsafePointer<Scalar>, into: UnsafeMutablePointer<Scalar>, stride: Int, count: Int)
    case begin(UnsafePointer<Scalar>, stride: Int, available: Int)
    case writeKernel(UnsafePointer<Scalar>, stride: Int)
}

/// Where the parts of a channel's row lie.
private struct StreamedRow<Scalar> {
    /// The samples since the last boundary.
    let samples: UnsafeMutablePointer<Scalar>
    /// What the samples so far add to the outputs of the same places.
    let pending: UnsafeMutablePointer<Scalar>
    /// The last samples in reverse: sample p at ~p & recentMask.
    let recent: UnsafeMutablePointer<Scalar>
    let recentMask: Int

    @inline(__always)
    func remember(_ sample: Scalar, at p: Int) { recent[~p & recentMask] = sample }
}

// The tiles of a channel.
extension HalfOnlineRows {
    @inline(__always)
    private func push(
        _ input: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>, count: Int,
        _ channel: Int, _ memory: TileMemory<Scalar>
    ) {
        let row = row(channel)
        let head = kernel.head(channel)
        let size = largestTile, block = HalfOnlineTiling<Scalar>.block
        var p = phase
        for index in 0..<count {
            let sample = input[index]
            row.samples[p] = sample
            row.remember(sample, at: p)
            // Outputs of the block before p get the zeros before the taps.
            let start = p & ~(block - 1)
            loops.pointee.add_scaled(head - (p - start), Double(sample), row.pending + start, block)
            output[index] = row.pending[p]
            p += 1
            if p & (block - 1) == 0 {
                addTile(at: p, row, channel, memory)
                if p == size { p = 0 }
            }
        }
    }

    @inline(__always)
    private func begin(
        behind samples: UnsafePointer<Scalar>, available: Int, _ channel: Int, _ memory: TileMemory<Scalar>
    ) {
        let row = row(channel), size = largestTile, count = min(available, size)
        row.samples.update(repeating: 0, count: size - count)
        (row.samples + size - count).update(from: samples + available - count, count: count)
        for p in size - row.recentMask - 1..<size { row.remember(row.samples[p], at: p) }
        addTile(at: size, row, channel, memory)
    }

    /// Adds the tile at a multiple `p` of the block to the outputs behind it.
    @inline(__always)
    private func addTile(
        at p: Int, _ row: StreamedRow<Scalar>, _ channel: Int, _ memory: TileMemory<Scalar>
    ) {
        let size = p & -p
        let isLargest = size == largestTile
        // Behind a boundary nothing is pending yet.
        let target = isLargest ? row.pending : row.pending + p
        if size <= longestDirectTile {
            if isLargest { target.update(repeating: 0, count: size) }
            // y[t+1+o] += Σ_i x[t-i] k[1+i+o]
            loops.pointee.correlate(
                kernel.head(channel) + 1, row.recent + (~(p - 1) & row.recentMask), size, target, size)
        } else {
            let index = tiling.level(of: size)
            let spectrum = kernel.spectrum(channel, level: index)
            let result = isLargest ? target : memory.rows
            tiling.levels[index].convolve(row.samples + (p - size), with: spectrum, into: result, memory)
            if !isLargest { loops.pointee.add_scaled(result, 1, target, size) }
        }
    }
}

// Saving and restoring.
extension HalfOnlineRows {
    /// The scalars of a channel's saved state: samples and pending outputs.
    static func savedCount(_ tiling: HalfOnlineTiling<Scalar>) -> Int { 2 * tiling.largestTile }

    /// Appends the state of a channel.
    func save(_ channel: Int, to values: inout [Scalar]) {
        values += UnsafeBufferPointer(start: row(channel).samples, count: Self.savedCount(tiling))
    }

    /// Sets where the stream is.
    func restore(position: Int, phase: Int) { (self.position, self.phase) = (position, phase) }

    /// Sets the state of a channel, when it is set where the stream is.
    func restore(_ channel: Int, from values: UnsafePointer<Scalar>) {
        let row = row(channel)
        row.samples.update(from: values, count: Self.savedCount(tiling))
        // Tiles that are summed lie in the part that the phase is in.
        for p in phase & ~row.recentMask..<phase { row.remember(row.samples[p], at: p) }
    }
}
