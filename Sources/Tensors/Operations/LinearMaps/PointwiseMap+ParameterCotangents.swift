import CVectorLoops
import Runtime

extension PointwiseMap {
    /// The cotangents of weight and bias: the sums over samples and points of cotangent · inputᵀ and, if it is wanted,
    /// of the cotangent.
    func parameterCotangents(
        inputs tensors: [Tensor], cotangent: Tensor, wantsBias: Bool
    ) -> (weight: Tensor, bias: Tensor?) {
        var bias: Tensor?
        let weight = Tensor(shape: [outputChannels, inputChannels]) { result in
            Tensor.withScalars(of: tensors) { tensors in
                cotangent.withPointer { g in
                    let tensors = tensors.map { $0.baseAddress! }
                    if isMatrix {
                        sumSamples(tensors, cotangent: g, into: result)
                        bias = wantsBias ? biasCotangent(cotangent) : nil
                    } else {
                        let sums = sumProducts(of: tensors, cotangent: g, into: result, wantsSums: wantsBias)
                        bias = sums.map { Tensor(shape: [outputChannels], scalars: $0.map(Float.init)) }
                    }
                }
            }
        }
        return (weight, bias)
    }

    /// The cotangent of the bias alone.
    func biasCotangent(_ cotangent: Tensor) -> Tensor {
        cotangent.withShape([batch, outputChannels, points]).summed(toShape: [1, outputChannels, 1])
            .withShape([outputChannels])
    }

    private func sumSamples(
        _ tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>
    ) {
        let cost = Double(batch) / Tuning.multiplyAddsPerNanosecond + Tuning.Nanoseconds.sum
        parallelRanges(of: outputChannels, scalarsPerIndex: inputChannels, nanoseconds: cost) { range in
            withScratch(WeightPanels.scalarCount(rows: range.count, columns: batch)) { memory in
                let panels = WeightPanels(
                    samples(cotangent, channels: outputChannels).columns(range), isTransposed: true,
                    in: memory)
                for (input, x) in zip(inputs, tensors) {
                    var group = samples(x, channels: input.channels).rowGroup
                    panels.multiply(
                        &group, columns: input.channels,
                        into: result + range.lowerBound * inputChannels + input.firstColumn,
                        stride: inputChannels)
                }
            }
        }
    }

    /// Writes the weight's cotangent, and returns the sums of the cotangent's rows, which are in the cache then.
    ///
    /// Tiles are distributed to groups, which run in parallel, each with sums of its own; these are added in order.
    private func sumProducts(
        of tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, wantsSums: Bool
    ) -> [Double]? {
        let size = outputChannels * inputChannels
        let tiles = Tiling(batch: batch, points: points, channels: widestInput)
        let cost = Double(size) / Tuning.multiplyAddsPerNanosecond * Double(batch * points)
        let mostGroups = min(Tuning.weightCotangentGroups, tiles.count)
        let groups = isWorthSpreading(nanoseconds: cost) ? max(1, mostGroups) : 1
        var rowSums = [Double](repeating: 0, count: groups * outputChannels)
        withScratch(groups * size) { sums in
            rowSums.withUnsafeMutableBufferPointer { rowSums in
                nonisolated(unsafe) let rowSums = rowSums.baseAddress!  // Each group has sums of its own.
                parallelFor(groups, nanoseconds: cost) { group, _ in
                    let range = group * tiles.count / groups..<(group + 1) * tiles.count / groups
                    let sums = sums + group * size
                    if range.isEmpty { sums.initialize(repeating: 0, count: size) }
                    for tile in range {
                        let rows = rows(cotangent, channels: outputChannels, tiles[tile])
                        for (input, x) in zip(inputs, tensors) {
                            multiply(
                                rows, byRowsOf: self.rows(x, channels: input.channels, tiles[tile]),
                                into: sums + input.firstColumn, stride: inputChannels,
                                adding: tile > range.lowerBound)
                        }
                        if wantsSums { add(rows, to: rowSums + group * outputChannels) }
                    }
                }
            }
            parallelRanges(of: size, nanoseconds: 0.1 * Double(groups)) { range in
                let total = result + range.lowerBound
                total.initialize(from: sums + range.lowerBound, count: range.count)
                for group in 1..<groups {
                    vectorLoops.pointee.add(total, total, sums + group * size + range.lowerBound, range.count)
                }
            }
        }
        guard wantsSums else { return nil }
        return (0..<outputChannels).map { channel in
            (0..<groups).reduce(0) { $0 + rowSums[$1 * outputChannels + channel] }
        }
    }

    private func add(_ matrix: MatrixView, to sums: UnsafeMutablePointer<Double>) {
        for row in 0..<matrix.rows {
            sums[row] += vectorLoops.pointee.sum(matrix.scalars + row * matrix.stride, matrix.columns)
        }
    }
}
