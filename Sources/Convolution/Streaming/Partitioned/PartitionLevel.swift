import Runtime

/// The work on the chunks of one level of a ``PartitionSchedule``, in units that are spread over the blocks in which it is
/// not yet due.
///
/// The first level of short blocks is summed directly. Otherwise a chunk's window is the last 2S samples x. On a ring of
/// period 2S the last S outputs of the convolution of x with a part of S taps are those of the linear one (overlap-save). The
/// spectra of the last windows are kept, one for each part.
///
/// Short transforms are done stage by stage. Long ones are a ``RightAngleTransform`` in units of about a thousand numbers: a
/// tile of a fold or of a step, or a leaf with its products.
final class PartitionLevel<Scalar: ConvolutionScalar>: Sendable {
    let level: PartitionSchedule.Level
    /// `nil` for a level that is summed directly.
    let convolver: TileConvolver<Scalar>?
    /// The chunks of a window.
    let windowChunks: Int
    /// The scalars of a spectrum, or of the taps of a part that is summed directly.
    let spectrumCount: Int
    /// The scalars of a channel's memory: spectra of the last windows, a sum of products, a row at work, two rows of outputs.
    let memoryCount: Int
    let stages: [PartitionStage]
    /// The unit that ends each of the 2^j blocks of a chunk.
    let ends: [Int]
    private let spectraCount, workCount, rowCount: Int

    /// - Parameter load: The work of the levels before this one, to which its own is added.
    init(
        _ level: PartitionSchedule.Level, blockLength: Int, addingTo load: inout PartitionLoad
    ) throws(ConvolutionError) {
        self.level = level
        let axis = Axis(
            signal: 2 * level.size, kernel: level.size, outputs: level.size..<2 * level.size)
        if level.isDirect {
            convolver = nil
            stages = PartitionStage.direct(level)
        } else if level.size <= CostModel.longestWholePart {
            let convolver = try TileConvolver<Scalar>(axis)
            stages = PartitionStage.whole(level, points: convolver.transform.sizes.transformedCount)
            self.convolver = convolver
        } else {
            let transform = try Self.steppedTransform(axis)
            convolver = TileConvolver(.rightAngle(transform))
            stages = PartitionStage.stepped(level, transform)
        }
        ends = load.ends(stages, period: level.size / blockLength)
        windowChunks = level.isDirect ? level.parts + 1 : 2
        spectrumCount = convolver?.spectrumCount ?? level.size
        // Those of the windows, and the sum of products.
        spectraCount = convolver == nil ? 0 : (level.parts + 1) * spectrumCount
        workCount = convolver.map { wholeCacheLines(2 * $0.transform.sizes.workCount) } ?? 0
        rowCount = wholeCacheLines(level.size)
        memoryCount = spectraCount + workCount + 2 * rowCount
    }

    /// A transform with short leaves: the cheapest one.
    private static func steppedTransform(_ axis: Axis) throws(ConvolutionError) -> RightAngleTransform<Scalar>
    {
        let length = (axis.smallestPeriod + 1) / 2
        let recipe = RightAngleRecipe.best(atLeast: length, longestLeaf: CostModel.longestPartLeaf)
        return try RightAngleTransform(
            recipe: recipe,
            intervals: OperandRole.allCases.map { axis.interval(of: $0, orientation: .convolution) },
            rigour: .estimate)
    }

    /// The blocks of a chunk.
    var period: Int { ends.count }

    /// The memory of a thread for the given levels.
    static func memoryLayout(_ levels: [PartitionLevel<Scalar>]) -> TileMemory<Scalar>.Layout {
        TileMemory<Scalar>.Layout(levels.compactMap(\.convolver), rows: 0)
    }

    // The parts of a channel's memory.

    /// The spectrum of the window `age` chunks ago.
    @inline(__always)
    func spectrum(_ chunk: PartitionChunk<Scalar>, age: Int) -> UnsafeMutablePointer<Scalar> {
        chunk.memory + (chunk.number + level.parts - age) % level.parts * spectrumCount
    }
    /// The sum of the products.
    @inline(__always)
    func product(_ chunk: PartitionChunk<Scalar>) -> UnsafeMutablePointer<Scalar> {
        chunk.memory + level.parts * spectrumCount
    }
    /// The row at work.
    @inline(__always)
    func work(_ chunk: PartitionChunk<Scalar>) -> UnsafeMutablePointer<Scalar> { chunk.memory + spectraCount }
    /// The outputs of the chunk with the given number.
    @inline(__always)
    func outputs(ofChunk number: Int, _ memory: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Scalar>
    {
        memory + spectraCount + workCount + (number & 1) * rowCount
    }

    /// Writes the spectra of a kernel's parts, from the taps that are left from the first part on; or their taps, the last one
    /// first.
    func writeKernel(
        _ taps: UnsafePointer<Scalar>, count: Int, into spectra: UnsafeMutablePointer<Scalar>,
        _ memory: TileMemory<Scalar>
    ) {
        guard let convolver else {
            let end = level.parts * level.size
            for index in 0..<min(count, end) { spectra[end - 1 - index] = taps[index] }
            return
        }
        let row = PooledArray<Scalar>(count: level.size)
        for part in 0..<level.parts {
            let first = part * level.size
            let length = max(0, min(level.size, count - first))
            row.pointer.update(repeating: 0, count: level.size)
            row.pointer.update(from: taps + first, count: length)
            convolver.transform(row.pointer, .kernel, into: spectra + part * spectrumCount, memory)
        }
    }
}

/// A channel's part of a level, for one chunk.
struct PartitionChunk<Scalar: ConvolutionScalar> {
    /// The last 2S samples.
    let window: UnsafePointer<Scalar>
    /// The spectra of the channel's kernel, part by part.
    let kernel: UnsafePointer<Scalar>
    /// The channel's memory of the level.
    let memory: UnsafeMutablePointer<Scalar>
    /// The chunk's number.
    let number: Int
}
