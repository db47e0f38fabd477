import CVectorLoops
import Convolution
import Runtime

extension PointwiseMap {
    /// The cotangents of weight and bias: the sums over samples and points of cotangent · inputᵀ and, if it is wanted,
    /// of the cotangent.
    func parameterCotangents(
        inputs tensors: [Tensor], cotangent: Tensor, wantsBias: Bool
    ) -> (weight: Tensor, bias: Tensor?) {
        let (size, biasCount) = (outputChannels * inputChannels, wantsBias && !isMatrix ? outputChannels : 0)
        var biasSums: [Double] = []
        let weight = Tensor(shape: [outputChannels, inputChannels]) { result in
            Tensor.withScalars(of: tensors) { tensors in
                cotangent.withPointer { g in
                    let tensors = tensors.map { $0.baseAddress! }
                    func sum(_ groups: BatchGroups, _ sums: BatchSums) {
                        if isMatrix {
                            sumSamples(tensors, cotangent: g, over: groups, into: sums.floats)
                        } else {
                            sumProducts(
                                of: tensors, cotangent: g, over: groups, into: sums.floats,
                                biasSums: wantsBias ? sums.doubles : nil)
                        }
                    }
                    func keepBias(_ sums: BatchSums) {
                        biasSums = Array(UnsafeBufferPointer(start: sums.doubles, count: biasCount))
                    }
                    if let partition = cotangent.partition {
                        partition.withSums(floats: size, doubles: biasCount, sum) {
                            result.update(from: $0.floats, count: size)
                            keepBias($0)
                        }
                    } else {
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, biasCount)) {
                            let sums = BatchSums(floats: result, doubles: $0.baseAddress!)
                            sum(BatchGroups(samples: batch), sums)
                            keepBias(sums)
                        }
                    }
                }
            }
        }
        guard wantsBias else { return (weight, nil) }
        return (
            weight,
            isMatrix
                ? biasCotangent(cotangent)
                : Tensor(shape: [outputChannels], scalars: biasSums.map(Float.init))
        )
    }

    /// The cotangent of the bias alone.
    func biasCotangent(_ cotangent: Tensor) -> Tensor {
        cotangent.withShape([batch, outputChannels, points]).summed(toShape: [1, outputChannels, 1])
            .withShape([outputChannels])
    }

    /// Writes the weight's cotangent of matrices: the products over the samples of each group, which are combined.
    private func sumSamples(
        _ tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>, over groups: BatchGroups,
        into result: UnsafeMutablePointer<Float>
    ) {
        let cost = Double(batch) / Tuning.multiplyAddsPerNanosecond + Tuning.Nanoseconds.sum
        parallelRanges(of: outputChannels, scalarsPerIndex: inputChannels, nanoseconds: cost) { range in
            let size = range.count * inputChannels
            let packed = WeightPanels.scalarCount(rows: range.count, columns: groups.largestSize)
            withScratch(max(1, groups.count) * size + packed) { sums in
                let memory = sums + max(1, groups.count) * size
                if groups.count == 0 { sums.initialize(repeating: 0, count: size) }
                for group in 0..<groups.count {
                    let rows = samples(cotangent, channels: outputChannels).rows(groups[group])
                    let panels = WeightPanels(rows.columns(range), isTransposed: true, in: memory)
                    for (input, x) in zip(inputs, tensors) {
                        var own = samples(x, channels: input.channels).rows(groups[group]).rowGroup
                        panels.multiply(
                            &own, columns: input.channels, into: sums + group * size + input.firstColumn,
                            stride: inputChannels)
                    }
                }
                BatchGroups.combine(groups.count) { target, source in
                    vectorLoops.pointee.add(
                        sums + target * size, sums + target * size, sums + source * size, size)
                }
                (result + range.lowerBound * inputChannels).initialize(from: sums, count: size)
            }
        }
    }

    /// Writes the weight's cotangent and the sums of the cotangent's rows, which are in the cache then, if they are wanted.
    ///
    /// The tiles of a group of samples are distributed to parts, as many as make at least eight in all. The parts run
    /// in parallel, each with sums of its own; these are combined to the groups', and the groups'.
    private func sumProducts(
        of tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>, over groups: BatchGroups,
        into result: UnsafeMutablePointer<Float>, biasSums: UnsafeMutablePointer<Double>?
    ) {
        let size = outputChannels * inputChannels
        let tiles = Tiling(batch: batch, points: points, channels: widestInput)
        let cost = Double(size) / Tuning.multiplyAddsPerNanosecond * Double(batch * points)
        let parts = CotangentParts(groups, tilesPerSample: tiles.tilesPerSample)
        var rowSums = [Double](repeating: 0, count: parts.count * outputChannels)
        withScratch(parts.count * size) { sums in
            rowSums.withUnsafeMutableBufferPointer { rowSums in
                nonisolated(unsafe) let rowSums = rowSums.baseAddress!  // Each part has sums of its own.
                parallelFor(parts.count, nanoseconds: cost) { part, _ in
                    let range = parts[part]
                    let sums = sums + part * size
                    if range.isEmpty { sums.initialize(repeating: 0, count: size) }
                    for tile in range {
                        let rows = rows(cotangent, channels: outputChannels, tiles[tile])
                        for (input, x) in zip(inputs, tensors) {
                            multiply(
                                rows, byRowsOf: self.rows(x, channels: input.channels, tiles[tile]),
                                into: sums + input.firstColumn, stride: inputChannels,
                                adding: tile > range.lowerBound)
                        }
                        if biasSums != nil { add(rows, to: rowSums + part * outputChannels) }
                    }
                }
                parts.combine { target, source in
                    let sums = rowSums + target * outputChannels
                    let others = rowSums + source * outputChannels
                    for channel in 0..<outputChannels { sums[channel] += others[channel] }
                }
            }
            parallelRanges(of: size, nanoseconds: 0.1 * Double(parts.count)) { range in
                let sums = sums + range.lowerBound
                parts.combine { target, source in
                    vectorLoops.pointee.add(
                        sums + target * size, sums + target * size, sums + source * size, range.count)
                }
                (result + range.lowerBound).initialize(from: sums, count: range.count)
            }
        }
        biasSums?.update(from: rowSums, count: outputChannels)
    }

    private func add(_ matrix: MatrixView, to sums: UnsafeMutablePointer<Double>) {
        for row in 0..<matrix.rows {
            sums[row] += vectorLoops.pointee.sum(matrix.scalars + row * matrix.stride, matrix.columns)
        }
    }
}

/// The parts in which the tiles of all samples are summed: the tiles of a group of samples, divided in equally many
/// parts for each group, so that small batches of long rows keep several threads busy.
private struct CotangentParts {
    private let groups: BatchGroups
    private let tilesPerSample: Int
    private let partsPerGroup: Int

    init(_ groups: BatchGroups, tilesPerSample: Int) {
        self.groups = groups
        self.tilesPerSample = tilesPerSample
        let wanted = (BatchGroups.largestCount + groups.wholeCount - 1) / max(1, groups.wholeCount)
        partsPerGroup = min(wanted, tilesPerSample)
    }

    /// At least one, without tiles in an empty batch.
    var count: Int { max(1, groups.count * partsPerGroup) }

    /// The tiles of a part.
    subscript(part: Int) -> Range<Int> {
        guard groups.count > 0 else { return 0..<0 }
        let (group, index) = part.quotientAndRemainder(dividingBy: partsPerGroup)
        let (first, tiles) = (groups[group].lowerBound * tilesPerSample, groups[group].count * tilesPerSample)
        return first + index * tiles / partsPerGroup..<first + (index + 1) * tiles / partsPerGroup
    }

    /// Combines the parts of each group, then the groups, along trees, to the first part.
    func combine(add: (_ target: Int, _ source: Int) -> Void) {
        for group in 0..<groups.count {
            let first = group * partsPerGroup
            BatchGroups.combine(partsPerGroup) { add(first + $0, first + $1) }
        }
        BatchGroups.combine(groups.count) { add($0 * partsPerGroup, $1 * partsPerGroup) }
    }
}
