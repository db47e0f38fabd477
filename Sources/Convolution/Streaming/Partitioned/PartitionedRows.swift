import Runtime

/// A partitioned kernel with the transforms of its levels. Shared by all streams with these kernels.
///
/// `@unchecked Sendable`: written while it is made, only read afterwards.
final class PartitionedKernel<Scalar: ConvolutionScalar>: @unchecked Sendable {
    let schedule: PartitionSchedule
    let channels: Int
    let kernelLength: Int
    let levels: [PartitionLevel<Scalar>]
    /// A fingerprint of the taps.
    let checksum: UInt64
    /// Where the spectra of each level begin in a channel's spectra, and how long these are.
    private let offsets: [Int]
    private let spectra: AlignedArray<Scalar>
    /// `[C, K]`, for beginnings that are convolved at once.
    private let taps: AlignedArray<Scalar>

    /// - Parameter kernel: `[C, K]`
    init(
        _ schedule: PartitionSchedule, _ levels: [PartitionLevel<Scalar>],
        _ kernel: UnsafeBufferPointer<Scalar>, channels: Int
    ) {
        self.schedule = schedule
        self.channels = channels
        self.levels = levels
        kernelLength = kernel.count / channels
        checksum = kernelChecksum(kernel)
        offsets = Self.offsets(levels)
        spectra = AlignedArray(zeros: channels * offsets.last!)
        taps = AlignedArray(zeros: kernel.count)
        taps.pointer.update(from: kernel.baseAddress!, count: kernel.count)
        let layout = PartitionLevel.memoryLayout(levels)
        let memory = AlignedArray<Scalar>(zeros: layout.count)
        let tileMemory = TileMemory(layout, at: memory.pointer, Scalar.vectorLoops)
        for channel in 0..<channels {
            let taps = kernel.baseAddress! + channel * kernelLength
            for (index, level) in levels.enumerated() {
                let first = level.level.firstTap
                level.writeKernel(
                    taps + first, count: kernelLength - first,
                    into: spectra.pointer + channel * offsets.last! + offsets[index], tileMemory)
            }
        }
    }

    /// The kernels, `[C, K]`.
    var rows: UnsafeBufferPointer<Scalar> {
        UnsafeBufferPointer(start: taps.pointer, count: channels * kernelLength)
    }

    static func offsets(_ levels: [PartitionLevel<Scalar>]) -> [Int] {
        levels.reduce(into: [0]) {
            $0.append($0.last! + wholeCacheLines($1.level.parts * $1.spectrumCount))
        }
    }

    @inline(__always)
    func spectra(_ channel: Int, level: Int) -> UnsafePointer<Scalar> {
        UnsafePointer(spectra.pointer + channel * offsets.last! + offsets[level])
    }
}

/// The blocks of all channels in a push.
private struct BlockPush<Scalar> {
    let input: UnsafePointer<Scalar>
    let output: UnsafeMutablePointer<Scalar>
    /// From channel to channel, and the blocks of each.
    let inputStride, outputStride, count: Int
}

/// The rows of a stream of blocks: its last samples, and the levels' chunks at work.
///
/// `@unchecked Sendable`: only a value that holds the only reference writes to it.
final class PartitionedRows<Scalar: ConvolutionScalar>: @unchecked Sendable {
    let kernel: PartitionedKernel<Scalar>
    let channels: Int
    /// The samples that have arrived. (One thread writes, when no other has a reference.)
    @exclusivity(unchecked) private(set) var position = 0
    /// Where the schedule is: the number of the next block, the same modulo the period as those that have arrived.
    @exclusivity(unchecked) private var nextBlock = 0
    private let loops: Loops
    private let workerCount: Int
    /// A channel's last samples, and those that stand once more behind them.
    private let historyCount, repeatedCount: Int
    private let rowCount: Int
    private let layout: TileMemory<Scalar>.Layout
    /// The rows of the channels, then the memory of the threads.
    private let memory: AlignedArray<Scalar>
    /// The push that the threads of ``loop`` share.
    @exclusivity(unchecked) private var sharedPush: BlockPush<Scalar>?
    /// Created with the rows, so that no push allocates; `nil` for one thread.
    private var loop: ReusableLoop?

    /// The beginning of a stream.
    init(_ kernel: PartitionedKernel<Scalar>, workerCount: Int) {
        self.kernel = kernel
        channels = kernel.channels
        self.workerCount = workerCount
        loops = Scalar.vectorLoops
        layout = PartitionLevel.memoryLayout(kernel.levels)
        historyCount = kernel.schedule.historyLength
        repeatedCount = Self.repeatedCount(kernel.levels)
        rowCount = Self.rowCount(kernel.schedule, kernel.levels)
        memory = AlignedArray(zeros: channels * rowCount + workerCount * layout.count)
        if workerCount > 1 { loop = channelLoop() }
    }

    /// A copy, with its own memory.
    convenience init(copying other: PartitionedRows) {
        self.init(other.kernel, workerCount: other.workerCount)
        (position, nextBlock) = (other.position, other.nextBlock)
        memory.pointer.update(from: other.memory.pointer, count: channels * rowCount)
    }

    /// A channel's last samples, the first of them once more behind their end, so that windows are contiguous; then the memory
    /// of each level.
    static func rowCount(_ schedule: PartitionSchedule, _ levels: [PartitionLevel<Scalar>]) -> Int {
        levels.reduce(samplesCount(schedule.historyLength + repeatedCount(levels))) { $0 + $1.memoryCount }
    }

    /// The longest part of a window that may stand behind the end.
    private static func repeatedCount(_ levels: [PartitionLevel<Scalar>]) -> Int {
        levels.map { ($0.windowChunks - 1) * $0.level.size }.max()!
    }

    /// A line more, so that rows are no whole pages apart.
    private static func samplesCount(_ count: Int) -> Int { wholeCacheLines(count) + 16 }

    /// The number of a channel's block: channels are offset against each other, so that not all of them complete a long
    /// chunk at once.
    private func block(_ channel: Int) -> Int { nextBlock + channel * kernel.schedule.period / channels }

    /// Where the stream is in the schedule's period.
    var phase: Int { nextBlock % kernel.schedule.period }

    /// Takes `count` blocks of each channel and returns as many; the channels are `stride` apart.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func push(
        _ input: UnsafePointer<Scalar>, stride inputStride: Int, into output: UnsafeMutablePointer<Scalar>,
        stride outputStride: Int, count: Int
    ) {
        let length = kernel.schedule.blockLength
        let cost = Double(channels * count * length * CostModel.streamedSample)
        let blocks = BlockPush(
            input: input, output: output, inputStride: inputStride, outputStride: outputStride, count: count)
        if workerCount > 1, isWorthSpreading(nanoseconds: cost), let loop {
            sharedPush = blocks
            loop.run(channels)
        } else {
            for channel in 0..<channels { perform(blocks, channel, worker: 0) }
        }
        nextBlock += count
        position += count * length
    }

    /// The loop that does ``sharedPush``. Its closure is specialized where it is created.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    private func channelLoop() -> ReusableLoop {
        // The rows outlive their loop.
        ReusableLoop(workers: workerCount) { [unowned(unsafe) self] in perform(sharedPush!, $0, worker: $1) }
    }

    /// Takes the blocks of a channel.
    @inline(__always)
    private func perform(_ blocks: BlockPush<Scalar>, _ channel: Int, worker: Int) {
        let memory = TileMemory(
            layout, at: self.memory.pointer + channels * rowCount + worker * layout.count, loops)
        let (first, length) = (block(channel), kernel.schedule.blockLength)
        for index in 0..<blocks.count {
            push(
                blocks.input + channel * blocks.inputStride + index * length,
                into: blocks.output + channel * blocks.outputStride + index * length, block: first + index,
                channel, memory)
        }
    }

    /// Takes one block of a channel.
    @inline(__always)
    private func push(
        _ input: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>, block: Int,
        _ channel: Int, _ memory: TileMemory<Scalar>
    ) {
        let length = kernel.schedule.blockLength
        let row = self.memory.pointer + channel * rowCount
        let place = block * length % historyCount
        (row + place).update(from: input, count: length)
        if place < repeatedCount { (row + historyCount + place).update(from: input, count: length) }
        output.update(repeating: 0, count: length)
        var levelMemory = row + Self.samplesCount(historyCount + repeatedCount)
        for (index, level) in kernel.levels.enumerated() {
            // The chunk at work was complete `age` blocks ago.
            let (number, age) = (block + 1).quotientAndRemainder(dividingBy: level.period)
            let start = (number - level.windowChunks) * level.level.size % historyCount
            let chunk = PartitionChunk(
                window: UnsafePointer(row + (start < 0 ? start + historyCount : start)),
                kernel: kernel.spectra(channel, level: index), memory: levelMemory, number: number)
            level.run(age, of: chunk, memory)
            // In its last block the chunk's outputs begin.
            let isDue = age == level.period - 1
            let outputs = level.outputs(ofChunk: isDue ? number : number + 1, levelMemory)
            loops.pointee.add_scaled(outputs + (isDue ? 0 : (age + 1) * length), 1, output, length)
            levelMemory += level.memoryCount
        }
    }

    /// Starts anew.
    func reset() {
        memory.pointer.update(repeating: 0, count: channels * rowCount)
        (position, nextBlock) = (0, 0)
    }
}

// Saving and restoring. What is at work follows from the last samples, and spectra are not portable: these are saved alone.
extension PartitionedRows {
    /// Appends the last samples of a channel, the first one first.
    func save(_ channel: Int, to values: inout [Scalar]) {
        let row = memory.pointer + channel * rowCount
        let place = block(channel) * kernel.schedule.blockLength % historyCount
        values += UnsafeBufferPointer(start: row + place, count: historyCount - place)
        values += UnsafeBufferPointer(start: row, count: place)
    }

    /// Continues behind the last samples of all channels, ``PartitionSchedule/historyLength`` each.
    ///
    /// - Parameters:
    ///   - phase: Where in the schedule's period the stream is, in blocks.
    ///   - stride: From a channel's samples to the next one's.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func restore(phase: Int, position: Int, from samples: UnsafePointer<Scalar>, stride: Int) {
        let schedule = kernel.schedule
        let (history, length) = (historyCount, schedule.blockLength)
        reset()
        // Whole chunks of all levels: where the stream is in its schedule is the same before them.
        nextBlock = phase
        // Some blocks at a time: the outputs are not wanted.
        let (blocks, most) = (history / length, max(1, (1 << 14) / length))
        let discarded = PooledArray<Scalar>(count: channels * min(blocks, most) * length)
        for block in Swift.stride(from: 0, to: blocks, by: most) {
            let count = min(most, blocks - block)
            push(
                samples + block * length, stride: stride, into: discarded.pointer, stride: count * length,
                count: count)
        }
        self.position = position
    }
}
