import Runtime

/// The elements of all channels in a push, whose arrays are `stride` apart.
private struct PairPush<Scalar> {
    let signal, kernel: UnsafePointer<Scalar>
    let output: UnsafeMutablePointer<Scalar>
    let stride: Int
    /// The elements of each row.
    let count: Int
}

/// The rows of a stream whose signal and kernel both arrive.
///
/// `@unchecked Sendable`: only a value that holds the only reference writes to it.
final class RelaxedRows<Scalar: ConvolutionScalar>: @unchecked Sendable {
    let tiling: RelaxedTiling<Scalar>
    let channels: Int
    /// The elements of each row that have arrived. (One thread writes, when no other has a reference.)
    @exclusivity(unchecked) private(set) var position = 0
    private let capacity: Int
    private let loops: Loops
    private let workerCount: Int
    private let rowLayout: RelaxedRow<Scalar>.Layout
    private let layout: TileMemory<Scalar>.Layout
    /// The rows of the channels, then the memory of the threads.
    private let memory: AlignedArray<Scalar>
    /// The push that the threads of ``loop`` share.
    @exclusivity(unchecked) private var sharedPush: PairPush<Scalar>?
    /// Created with the rows, so that no push allocates; `nil` for one thread.
    private var loop: ReusableLoop?

    /// The beginning of a stream.
    init(_ tiling: RelaxedTiling<Scalar>, channels: Int, workerCount: Int) {
        self.tiling = tiling
        self.channels = channels
        self.workerCount = workerCount
        capacity = tiling.capacity
        loops = Scalar.vectorLoops
        rowLayout = tiling.rowLayout
        layout = tiling.memoryLayout
        memory = AlignedArray(zeros: channels * rowLayout.count + workerCount * layout.count)
        if workerCount > 1 { loop = channelLoop() }
    }

    /// A copy with its own memory, perhaps with room for more.
    convenience init(copying other: RelaxedRows, into tiling: RelaxedTiling<Scalar>? = nil) {
        self.init(tiling ?? other.tiling, channels: other.channels, workerCount: other.workerCount)
        position = other.position
        for channel in 0..<channels {
            let (source, target) = (other.row(channel), row(channel))
            target.a.update(from: source.a, count: position)
            target.b.update(from: source.b, count: position)
            target.outputs.update(from: source.outputs, count: other.tiling.outputCount)
            target.headA.update(from: source.headA, count: rowLayout.ends)
            target.spectra.update(from: source.spectra, count: other.rowLayout.spectra)
        }
    }

    /// The bytes of such rows.
    static func byteCount(
        _ tiling: RelaxedTiling<Scalar>, channels: Int, workerCount: Int
    ) throws(ConvolutionError) -> Int {
        let count = try checkedSum([
            checkedProduct([channels, tiling.rowLayout.count]),
            checkedProduct([workerCount, tiling.memoryLayout.count]),
        ])
        return try checkedProduct([count, MemoryLayout<Scalar>.stride])
    }

    /// The elements of each row that there is still room for.
    var room: Int { capacity - position }

    /// What has arrived of the rows of channel 0, and the distance of channels: the signal's and the kernel's.
    var arrived: (signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>, stride: Int) {
        let first = row(0)
        return (UnsafePointer(first.a), UnsafePointer(first.b), rowLayout.count)
    }

    @inline(__always)
    private func row(_ channel: Int) -> RelaxedRow<Scalar> {
        RelaxedRow(rowLayout, at: memory.pointer + channel * rowLayout.count)
    }

    @inline(__always)
    private func workerMemory(_ worker: Int) -> TileMemory<Scalar> {
        TileMemory(layout, at: memory.pointer + channels * rowLayout.count + worker * layout.count, loops)
    }

    /// Takes `count` elements of each row, `stride` apart, and returns as many outputs.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func push(
        _ signal: UnsafePointer<Scalar>, _ kernel: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>, stride: Int, count: Int
    ) {
        let pairs = PairPush(signal: signal, kernel: kernel, output: output, stride: stride, count: count)
        if workerCount > 1, isWorthSpreading(nanoseconds: cost(count)), let loop {
            sharedPush = pairs
            loop.run(channels)
        } else {
            for channel in 0..<channels { perform(pairs, channel, worker: 0) }
        }
        position += count
    }

    /// The loop that does ``sharedPush``. Its closure is specialized where it is created.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    private func channelLoop() -> ReusableLoop {
        // The rows outlive their loop.
        ReusableLoop(workers: workerCount) { [unowned(unsafe) self] in perform(sharedPush!, $0, worker: $1) }
    }

    /// Takes the elements of a channel.
    @inline(__always)
    private func perform(_ pairs: PairPush<Scalar>, _ channel: Int, worker: Int) {
        let offset = channel * pairs.stride
        push(
            pairs.signal + offset, pairs.kernel + offset, into: pairs.output + offset, count: pairs.count,
            row(channel), workerMemory(worker))
    }

    /// Starts anew.
    func reset() {
        memory.pointer.update(repeating: 0, count: channels * rowLayout.count)
        position = 0
    }

    /// The estimated nanoseconds of `count` samples of all channels.
    private func cost(_ count: Int) -> Double {
        var cost = count * CostModel.streamedSample
        var size = RelaxedTiling<Scalar>.firstSize
        for level in tiling.levels {
            cost += ((position + count + 1) / size - (position + 1) / size) * 2 * level.cost
            size *= 2
        }
        return Double(cost * channels)
    }
}

// The tiles of a channel.
extension RelaxedRows {
    @inline(__always)
    private func push(
        _ signal: UnsafePointer<Scalar>, _ kernel: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>, count: Int, _ row: RelaxedRow<Scalar>,
        _ memory: TileMemory<Scalar>
    ) {
        let head = RelaxedTiling<Scalar>.head, size = RelaxedTiling<Scalar>.firstSize
        for index in 0..<count {
            let t = position + index
            row.put(signal[index], kernel[index], at: t)
            if (t + 2) & head == 0 { addTiles(at: t, row, memory) }
            // Σ a[i] b[t-i] over i < head, and Σ b[j] a[t-j] over j < head with t - j ≥ head: pairs not met yet. The
            // newest elements by themselves: a vector that reads what was just written waits.
            let place = RelaxedRow<Scalar>.recentPlace(t) + 1
            let y = row.outputs + t
            var newest = row.headA[0] * kernel[index]
            loops.pointee.dot(row.headA + 1, row.recentB + place, size, y)
            if t >= head {
                newest += row.headB[0] * signal[index]
                let count = t - head
                loops.pointee.dot(row.headB + 1, row.recentA + place, count < head ? count : size, y)
            }
            y.pointee += newest
            output[index] = y.pointee
        }
    }

    /// Adds the tiles whose last elements are those at place t.
    @inline(__always)
    private func addTiles(at t: Int, _ row: RelaxedRow<Scalar>, _ memory: TileMemory<Scalar>) {
        var size = RelaxedTiling<Scalar>.firstSize
        for (index, level) in tiling.levels.enumerated() {
            let blocks = (t + 2) / size
            guard (t + 2).isMultiple(of: size), blocks >= 2 else { return }
            let count = level.spectrumCount
            let firstA = row.spectra + tiling.spectrumOffsets[index], firstB = firstA + count
            let product = memory.rows, result = memory.rows + 3 * count
            // The last block is at m s - 1 = (t + 2) - s - 1.
            let start = t + 1 - size
            if blocks == 2 {
                level.transform(row.a + start, .signal, into: firstA, memory)
                level.transform(row.b + start, .kernel, into: firstB, memory)
                level.multiply(firstA, firstB, into: product, loops)
            } else {
                let lastA = product + count, lastB = lastA + count
                level.transform(row.a + start, .signal, into: lastA, memory)
                level.transform(row.b + start, .kernel, into: lastB, memory)
                level.multiply(firstA, lastB, into: product, loops)
                level.accumulate(firstB, lastA, into: product, loops)
            }
            level.inverseTransform(product, into: result, memory)
            loops.pointee.add_scaled(
                result, 1, row.outputs + t, min(2 * size - 1, tiling.outputCount - t))
            size *= 2
        }
    }
}

// Continuing where something else was.
extension RelaxedRows {
    /// The outputs from ``position`` on that tiles have been added to.
    private var pendingCount: Int { min(position, tiling.outputCount - position) }

    /// The scalars of a channel's saved state: both rows and pending outputs.
    static func savedCount(position: Int, outputCount: Int) -> Int {
        2 * position + min(position, outputCount - position)
    }

    /// Appends the state of a channel.
    func save(_ channel: Int, to values: inout [Scalar]) {
        let row = row(channel)
        for (first, count) in [
            (row.a, position), (row.b, position), (row.outputs + position, pendingCount),
        ] {
            values += UnsafeBufferPointer(start: first, count: count)
        }
    }

    /// Continues behind `position` elements of both rows, where `outputs` has what they add to the outputs behind; all
    /// are `stride` apart.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func begin(
        behind signal: UnsafePointer<Scalar>, _ kernel: UnsafePointer<Scalar>, stride: Int,
        pending: UnsafePointer<Scalar>, pendingStride: Int, position: Int
    ) {
        reset()
        self.position = position
        parallelFor(channels, nanoseconds: cost(position), workers: workerCount) { channel, worker in
            let (row, memory) = (row(channel), workerMemory(worker))
            for t in 0..<position {
                row.put(signal[channel * stride + t], kernel[channel * stride + t], at: t)
            }
            (row.outputs + position).update(from: pending + channel * pendingStride, count: pendingCount)
            var size = RelaxedTiling<Scalar>.firstSize
            for (index, level) in tiling.levels.enumerated() where 2 * size - 1 <= position {
                let spectrum = row.spectra + tiling.spectrumOffsets[index]
                level.transform(row.a + size - 1, .signal, into: spectrum, memory)
                level.transform(row.b + size - 1, .kernel, into: spectrum + level.spectrumCount, memory)
                size *= 2
            }
        }
    }
}
