import Convolution
import Runtime

/// The loops that sum a tensor to another shape.
///
/// If the first axis is summed, it is the batch, whose samples are added in the order of ``BatchGroups``; otherwise the
/// tensor is one sample. Of a sample's axes, adjacent ones are merged where both are summed or both kept. The innermost
/// axis is a row for the vector loops: summed to a scalar, or added to the other rows of its column sums. The axes
/// outside it are kept, and enumerated by the result, or summed, and enumerated by the offsets of their rows.
struct SummationPlan {
    /// The kept axes outside the innermost, in order.
    private var keptOuter: [(extent: Int, stride: Int)] = []
    /// The samples that one result sums, those of this process.
    private var batch = (samples: 1, stride: 0)
    /// Where the batch is distributed over processes.
    private let partition: BatchPartition?
    /// The offsets of the rows of a sample that one result sums.
    private var summedOffsets: [Int] = [0]
    private var inner = (extent: 1, isSummed: false)
    private let resultCount: Int
    /// The number that sums are divided by.
    private let divisor: Double

    init(
        from shape: [Int], to operandShape: [Int], in partition: BatchPartition? = nil, divisor: Double = 1
    ) {
        let padded = Array(repeating: 1, count: shape.count - operandShape.count) + operandShape
        resultCount = operandShape.reduce(1, *)
        self.divisor = divisor
        self.partition = partition
        require(
            partition == nil || padded.first == 1,
            "expected a shape without the batch of \(shape), got \(operandShape)")
        var runs: [(extent: Int, isSummed: Bool, stride: Int)] = []
        var stride = 1
        for (axis, (extent, target)) in zip(shape, padded).enumerated().reversed() {
            require(
                target == extent || target == 1,
                "expected a shape that broadcasts to \(shape), got \(operandShape)")
            defer { stride *= extent }
            let isSummed = target == 1
            if axis == 0, isSummed, extent != 1 || partition != nil {
                batch = (extent, stride)
                continue
            }
            guard extent != 1 else { continue }
            if let last = runs.last, last.isSummed == isSummed {
                runs[runs.count - 1].extent *= extent
            } else {
                runs.append((extent, isSummed, stride))
            }
        }
        guard let innermost = runs.first else { return }
        inner = (innermost.extent, innermost.isSummed)
        for run in runs.dropFirst().reversed() {
            if run.isSummed {
                summedOffsets = summedOffsets.flatMap { offset in
                    (0..<run.extent).map { offset + $0 * run.stride }
                }
            } else {
                keptOuter.append((run.extent, run.stride))
            }
        }
    }

    /// Writes the sums of x, or of x times y, to `result`.
    func sum(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        let loops = vectorLoops
        func round(_ sums: UnsafeMutablePointer<Double>, _ count: Int, at index: Int) {
            guard count > 1 else { return result[index] = Float(sums[0] / divisor) }
            if divisor != 1 { for index in 0..<count { sums[index] /= divisor } }
            loops.pointee.round_sums(result + index, sums, count)
        }
        guard let partition else {
            return sum(x, times: y, over: BatchGroups(samples: batch.samples), round)
        }
        partition.withSums(floats: 0, doubles: resultCount) { groups, sums in
            sum(x, times: y, over: groups) { own, count, index in
                (sums.doubles + index).update(from: own, count: count)
            }
        } _: {
            if resultCount > 0 { round($0.doubles, resultCount, at: 0) }
        }
    }

    /// Calls `store` with the sums over the samples of the given groups, some at a time, and the index of the first.
    private func sum(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, over groups: BatchGroups,
        _ store: (_ sums: UnsafeMutablePointer<Double>, _ count: Int, _ index: Int) -> Void
    ) {
        if resultCount == 1 {
            var sum = sumOfAll(x, times: y, over: groups)
            store(&sum, 1, 0)
        } else if inner.isSummed {
            sumRows(x, times: y, over: groups, store)
        } else {
            sumColumns(x, times: y, over: groups, store)
        }
    }

    /// All axes are summed: a sample is one row.
    private func sumOfAll(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, over groups: BatchGroups
    ) -> Double {
        let length = inner.extent
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, groups.count)) { sums in
            sums.initialize(repeating: 0)
            func add(group: Int, _ sumOfSample: (_ start: Int) -> Double) {
                for sample in groups[group] { sums[group] += sumOfSample(sample * batch.stride) }
            }
            if length > Tuning.taskScalars {
                // Long samples are spread over threads one by one, others by groups.
                for group in 0..<groups.count {
                    add(group: group) { start in
                        total(x + start, times: y.map { $0 + start }, count: length)
                    }
                }
            } else {
                let cost = Tuning.Nanoseconds.sum * Double(groups.sampleCount * length)
                parallelFor(groups.count, nanoseconds: cost) { group, _ in
                    add(group: group) { sumRow(x, times: y, at: $0, count: length) }
                }
            }
            BatchGroups.combine(groups.count) { sums[$0] += sums[$1] }
            return sums[0]
        }
    }

    private func offset(ofOuter index: Int) -> Int {
        var (rest, offset) = (index, 0)
        for axis in keptOuter.reversed() {
            offset += rest % axis.extent * axis.stride
            rest /= axis.extent
        }
        return offset
    }

    /// The scalars that one result sums, for each column of the innermost axis if it is kept.
    private var rowsPerResult: Int { batch.samples * summedOffsets.count }

    /// Each row of the innermost axis is summed to a scalar.
    private func sumRows(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, over groups: BatchGroups,
        _ store: (_ sums: UnsafeMutablePointer<Double>, _ count: Int, _ index: Int) -> Void
    ) {
        parallelRanges(of: resultCount, scalarsPerIndex: inner.extent * rowsPerResult) { range in
            for index in range {
                let start = offset(ofOuter: index)
                groups.withSums(width: 1) { sample, sum in
                    for row in summedOffsets {
                        sum[0] += sumRow(
                            x, times: y, at: start + sample * batch.stride + row, count: inner.extent)
                    }
                } _: {
                    store($0, 1, index)
                }
            }
        }
    }

    /// Rows of the innermost axis are added to each other, a tile of columns at a time.
    private func sumColumns(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, over groups: BatchGroups,
        _ store: (_ sums: UnsafeMutablePointer<Double>, _ count: Int, _ index: Int) -> Void
    ) {
        let loops = vectorLoops
        let width = min(inner.extent, Tuning.summedColumns)
        let tiles = (inner.extent + width - 1) / width
        let resultRows = resultCount / max(1, inner.extent)
        parallelRanges(of: resultRows * tiles, scalarsPerIndex: width * rowsPerResult) { range in
            let capacity = max(1, groups.count) * width
            withUnsafeTemporaryAllocation(of: Double.self, capacity: capacity) { memory in
                let sums = memory.baseAddress!
                for index in range {
                    let (resultRow, tile) = index.quotientAndRemainder(dividingBy: tiles)
                    let column = tile * width
                    let count = min(width, inner.extent - column)
                    let start = offset(ofOuter: resultRow) + column
                    groups.sum(width: count, in: sums) { sample, sums in
                        for row in summedOffsets {
                            let at = start + sample * batch.stride + row
                            if let y {
                                loops.pointee.accumulate_products(sums, x + at, y + at, count)
                            } else {
                                loops.pointee.accumulate(sums, x + at, count)
                            }
                        }
                    }
                    store(sums, count, resultRow * inner.extent + column)
                }
            }
        }
    }
}
