import Runtime

/// The work on the chunks of one level of a ``PartitionSchedule``, in units that are spread over the blocks in which it is
/// not yet due.
///
/// The first level of short blocks is summed directly. Otherwise a chunk's window is the last 2S samples x; with the ring's period of 2S, of the convolution of x with a part of S taps the last S
/// outputs are those of the linear one (overlap-save). The spectra of the last windows are kept, one for each part.
///
/// Short transforms are done in four units: fold, transform, product and inverse, unfold. Long ones are a
/// ``RightAngleTransform`` in units of about a thousand numbers: a tile of a fold or of a step, or a leaf with its product.
final class PartitionLevel<Scalar: ConvolutionScalar>: Sendable {
    let level: PartitionSchedule.Level
    /// `nil` for a level that is summed directly.
    private let convolver: TileConvolver<Scalar>?
    /// The chunks of a window.
    let windowChunks: Int
    /// The scalars of a spectrum, or of the taps of a part that is summed directly.
    let spectrumCount: Int
    /// The parts of a channel's memory: spectra of the last windows, a row at work, two rows of outputs.
    let memoryCount: Int
    private let workCount, rowCount: Int
    private let stages: [Stage]
    /// The unit that ends each of the 2^j blocks of a chunk.
    private let ends: [Int]

    /// Units that are alike.
    private struct Stage: Sendable {
        enum Kind: Sendable {
            case sum
            case prepare, transform, multiply, finish
            case fold, split(step: Int), leaves, join(step: Int), unfold
        }
        let kind: Kind
        let count: Int
        /// The estimated nanoseconds of one unit.
        let cost: Double
    }

    init(_ level: PartitionSchedule.Level, blockLength: Int) throws(ConvolutionError) {
        self.level = level
        let axis = Axis(
            signal: 2 * level.size, kernel: level.size, outputs: level.size..<2 * level.size)
        let isDirect = level.firstTap == 0 && level.size <= CostModel.longestDirectPart
        if isDirect {
            convolver = nil
            stages = [Stage(kind: .sum, count: 1, cost: 1)]
        } else if level.size <= CostModel.longestWholePart {
            let convolver = try TileConvolver<Scalar>(axis)
            stages = Self.wholeStages(convolver, level)
            self.convolver = convolver
        } else {
            let transform = try Self.steppedTransform(axis)
            convolver = TileConvolver(.rightAngle(transform))
            stages = Self.steppedStages(transform, level)
        }
        windowChunks = isDirect ? level.parts + 1 : 2
        spectrumCount = convolver?.spectrumCount ?? level.size
        workCount = convolver.map { wholeCacheLines(2 * $0.transform.sizes.workCount) } ?? 0
        rowCount = wholeCacheLines(level.size)
        memoryCount = wholeCacheLines(level.parts * spectrumCount) + workCount + 2 * rowCount
        ends = Self.ends(stages, period: level.size / blockLength)
    }

    /// The units done at the end of each block: as many as their part of the time.
    private static func ends(_ stages: [Stage], period: Int) -> [Int] {
        let costs = stages.flatMap { Array(repeating: $0.cost, count: $0.count) }
        let total = costs.reduce(0, +)
        var ends: [Int] = []
        var (unit, spent) = (0, 0.0)
        for block in 1...period {
            // A unit is done in the block in which the middle of it falls.
            while unit < costs.count, spent + costs[unit] / 2 <= total * Double(block) / Double(period) {
                spent += costs[unit]
                unit += 1
            }
            ends.append(block == period ? costs.count : unit)
        }
        return ends
    }

    /// The blocks of a chunk.
    var period: Int { ends.count }

    /// The memory of a thread for the given levels: a spectrum.
    static func memoryLayout(_ levels: [PartitionLevel<Scalar>]) -> TileMemory<Scalar>.Layout {
        TileMemory<Scalar>.Layout(
            levels.compactMap(\.convolver), rows: levels.map(\.spectrumCount).max()!)
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

// The stages.
extension PartitionLevel {
    private static func wholeStages(
        _ convolver: TileConvolver<Scalar>, _ level: PartitionSchedule.Level
    ) -> [Stage] {
        let quarter = Double(convolver.cost) / 4
        let products = Double(level.parts * level.size) * CostModel.partitionProduct
        return [
            Stage(kind: .prepare, count: 1, cost: quarter), Stage(kind: .transform, count: 1, cost: quarter),
            Stage(kind: .multiply, count: 1, cost: quarter + products),
            Stage(kind: .finish, count: 1, cost: quarter),
        ]
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

    private static func steppedStages(
        _ transform: RightAngleTransform<Scalar>, _ level: PartitionSchedule.Level
    ) -> [Stage] {
        let rows = transform.rows, radix = transform.radix
        let folds = (transform.rowLength + rows.tileWidth - 1) / rows.tileWidth
        let fold = Double(radix * rows.tileWidth) * CostModel.partitionStep
        let leafLength = Double(transform.rowLength / rows.leafCount)
        let leaf = leafLength * (CostModel.partitionLeaf + Double(level.parts) * CostModel.partitionProduct)
        let steps = zip(rows.steps.indices, rows.unitsOfSteps).map { index, units in
            (
                index: index, count: radix * units,
                cost: Double(rows.steps[index].radix * rows.tileWidth) * CostModel.partitionStep
            )
        }
        return [Stage(kind: .fold, count: folds, cost: fold)]
            + steps.map { Stage(kind: .split(step: $0.index), count: $0.count, cost: $0.cost) }
            + [Stage(kind: .leaves, count: radix * rows.leafCount, cost: leaf)]
            + steps.reversed().map { Stage(kind: .join(step: $0.index), count: $0.count, cost: $0.cost) }
            + [Stage(kind: .unfold, count: folds, cost: fold)]
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

// Units of work.
extension PartitionLevel {
    /// The outputs of the chunk with the given number.
    @inline(__always)
    func outputs(ofChunk number: Int, _ memory: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Scalar>
    {
        memory + memoryCount - (1 + number & 1) * rowCount
    }

    /// Does the units of one of the chunk's blocks.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func run(_ block: Int, of chunk: PartitionChunk<Scalar>, _ memory: TileMemory<Scalar>) {
        var unit = block == 0 ? 0 : ends[block - 1]
        let end = ends[block]
        var first = 0
        for stage in stages where unit < end {
            let next = first + stage.count
            while unit < min(end, next) {
                run(stage.kind, unit - first, chunk, memory)
                unit += 1
            }
            first = next
        }
    }

    @inline(__always)
    private func run(
        _ kind: Stage.Kind, _ unit: Int, _ chunk: PartitionChunk<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        let memory = memory.with(work: chunk.memory + wholeCacheLines(level.parts * spectrumCount))
        guard let convolver else { return sum(chunk, memory.block.loops) }
        switch kind {
        case .sum: break
        case .prepare: convolver.prepare(chunk.window, .signal, memory)
        case .transform: convolver.transformPrepared(.signal, into: spectrum(chunk, age: 0), memory)
        case .multiply:
            multiply(chunk, 0..<spectrumCount, into: memory.rows, convolver, memory.block.loops)
            convolver.inverseTransformPrepared(memory.rows, memory)
        case .finish: convolver.finish(into: outputs(ofChunk: chunk.number, chunk.memory), memory)
        case .fold, .split, .leaves, .join, .unfold:
            guard case .rightAngle(let transform) = convolver.transform else { return }
            run(kind, unit, of: transform, convolver, chunk, memory)
        }
    }

    /// y[t] = Σ k[s] x[t-s] for a block.
    @inline(__always)
    private func sum(_ chunk: PartitionChunk<Scalar>, _ loops: Loops) {
        let target = outputs(ofChunk: chunk.number, chunk.memory)
        target.update(repeating: 0, count: level.size)
        loops.pointee.correlate(
            chunk.window + 1, chunk.kernel, level.parts * level.size, target, level.size)
    }

    @inline(__always)
    private func run(
        _ kind: Stage.Kind, _ unit: Int, of transform: RightAngleTransform<Scalar>,
        _ convolver: TileConvolver<Scalar>,
        _ chunk: PartitionChunk<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        let (rows, work, loops) = (transform.rows, memory.work, memory.block.loops)
        switch kind {
        case .split(let step):
            let (row, unit) = unit.quotientAndRemainder(dividingBy: rows.unitsOfSteps[step])
            rows.splitUnit(unit, of: step, work + 2 * row * rows.stride, loops)
        case .join(let step):
            let (row, unit) = unit.quotientAndRemainder(dividingBy: rows.unitsOfSteps[step])
            rows.joinUnit(unit, of: step, work + 2 * row * rows.stride, loops)
        case .leaves:
            let (row, leaf) = unit.quotientAndRemainder(dividingBy: rows.leafCount)
            let offset = 2 * (row * rows.stride + rows.offset(ofLeaf: leaf))
            let count = 2 * (transform.rowLength / rows.leafCount)
            rows.forward(work + offset, spectrum(chunk, age: 0) + offset)
            multiply(chunk, offset..<offset + count, into: memory.rows, convolver, loops)
            rows.inverse(memory.rows, work + offset)
        default:
            let elements = (unit * rows.tileWidth..<(unit + 1) * rows.tileWidth).clamped(
                to: 0..<transform.rowLength)
            if case .fold = kind {
                transform.fold(chunk.window, .signal, elements, into: work, loops)
            } else {
                transform.unfold(
                    work, .output, elements, into: outputs(ofChunk: chunk.number, chunk.memory),
                    dump: memory.block.scratch, loops)
            }
        }
    }

    /// The spectrum of the window `age` chunks ago.
    @inline(__always)
    private func spectrum(_ chunk: PartitionChunk<Scalar>, age: Int) -> UnsafeMutablePointer<Scalar> {
        let slot = (chunk.number + level.parts - age) % level.parts
        return chunk.memory + slot * spectrumCount
    }

    /// The sum of the products of all parts with their windows, in a range of scalars of the spectra.
    @inline(__always)
    private func multiply(
        _ chunk: PartitionChunk<Scalar>, _ range: Range<Int>, into product: UnsafeMutablePointer<Scalar>,
        _ convolver: TileConvolver<Scalar>, _ loops: Loops
    ) {
        let (start, count) = (range.lowerBound, range.count / 2)
        for part in 0..<level.parts {
            let (window, kernel) = (
                spectrum(chunk, age: part) + start, chunk.kernel + part * spectrumCount + start
            )
            if part == 0 {
                convolver.multiply(window, kernel, into: product, count: count, loops)
            } else {
                convolver.accumulate(window, kernel, into: product, count: count, loops)
            }
        }
    }
}
