// Doing units of work.
extension PartitionLevel {
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
                run(stage, unit - first, chunk, memory)
                unit += 1
            }
            first = next
        }
    }

    @inline(__always)
    private func run(
        _ stage: PartitionStage, _ unit: Int, _ chunk: PartitionChunk<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        guard let convolver else { return sum(chunk, memory.block.loops) }
        let memory = memory.with(work: work(chunk))
        switch stage.kind {
        case .sum: break
        case .prepare: convolver.prepare(chunk.window, .signal, memory)
        case .transform: convolver.transformPrepared(.signal, into: spectrum(chunk, age: 0), memory)
        case .multiply: multiply(unit, chunk, 0..<spectrumCount, convolver, memory.block.loops)
        case .inverse: convolver.inverseTransformPrepared(product(chunk), memory)
        case .finish: convolver.finish(into: outputs(ofChunk: chunk.number, chunk.memory), memory)
        case .fold, .split, .leaves, .join, .unfold:
            guard case .rightAngle(let transform) = convolver.transform else { return }
            run(stage, unit, of: transform, convolver, chunk, memory)
        }
    }

    /// A unit of a long transform.
    @inline(__always)
    private func run(
        _ stage: PartitionStage, _ unit: Int, of transform: RightAngleTransform<Scalar>,
        _ convolver: TileConvolver<Scalar>, _ chunk: PartitionChunk<Scalar>, _ memory: TileMemory<Scalar>
    ) {
        let (rows, work, loops) = (transform.rows, memory.work, memory.block.loops)
        let (row, unitOfRow) = unit.quotientAndRemainder(dividingBy: max(1, stage.countOfRow))
        let offset = 2 * row * rows.stride
        switch stage.kind {
        case .split(let step): rows.splitUnit(unitOfRow, of: step, work + offset, loops)
        case .join(let step): rows.joinUnit(unitOfRow, of: step, work + offset, loops)
        case .leaves:
            let leaf = offset + 2 * rows.offset(ofLeaf: unitOfRow)
            let count = 2 * (transform.rowLength / stage.countOfRow)
            rows.forward(work + leaf, spectrum(chunk, age: 0) + leaf)
            for part in 0..<level.parts { multiply(part, chunk, leaf..<leaf + count, convolver, loops) }
            rows.inverse(product(chunk) + leaf, work + leaf)
        default:
            let width = PartitionStage.foldWidth(transform)
            let elements = (unit * width..<(unit + 1) * width).clamped(to: 0..<transform.rowLength)
            if case .fold = stage.kind {
                transform.fold(chunk.window, .signal, elements, into: work, loops)
            } else {
                transform.unfold(
                    work, .output, elements, into: outputs(ofChunk: chunk.number, chunk.memory),
                    dump: memory.block.scratch, loops)
            }
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

    /// Adds the product of a part with its window to the sum, in a range of scalars of the spectra; the first part sets it.
    @inline(__always)
    private func multiply(
        _ part: Int, _ chunk: PartitionChunk<Scalar>, _ range: Range<Int>, _ convolver: TileConvolver<Scalar>,
        _ loops: Loops
    ) {
        let (start, count) = (range.lowerBound, range.count / 2)
        let (window, kernel) = (
            spectrum(chunk, age: part) + start, chunk.kernel + part * spectrumCount + start
        )
        if part == 0 {
            convolver.multiply(window, kernel, into: product(chunk) + start, count: count, loops)
        } else {
            convolver.accumulate(window, kernel, into: product(chunk) + start, count: count, loops)
        }
    }
}
