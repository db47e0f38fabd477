import Runtime

/// The loops that sum a tensor to another shape.
///
/// Adjacent axes are merged where both are summed or both kept. The innermost axis is a row for the vector loops:
/// summed to a scalar, or added to the other rows of its column sums. The axes outside it are kept, and enumerated by
/// the result, or summed, and enumerated by the offsets of their rows.
struct SummationPlan {
    /// The kept axes outside the innermost, in order.
    private var keptOuter: [(extent: Int, stride: Int)] = []
    /// The offsets of the rows that one result sums.
    private var summedOffsets: [Int] = [0]
    private var inner = (extent: 1, isSummed: false)
    private let resultCount: Int

    init(from shape: [Int], to operandShape: [Int]) {
        let padded = Array(repeating: 1, count: shape.count - operandShape.count) + operandShape
        resultCount = operandShape.reduce(1, *)
        var runs: [(extent: Int, isSummed: Bool, stride: Int)] = []
        var stride = 1
        for (extent, target) in zip(shape, padded).reversed() {
            require(
                target == extent || target == 1,
                "expected a shape that broadcasts to \(shape), got \(operandShape)")
            defer { stride *= extent }
            guard extent != 1 else { continue }
            let isSummed = target == 1
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
        if !inner.isSummed {
            sumColumns(x, times: y, into: result)
        } else if resultCount == 1 && summedOffsets.count == 1 {
            result[0] = Float(total(x, times: y, count: inner.extent))
        } else {
            sumRows(x, times: y, into: result)
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

    /// Each row of the innermost axis is summed to a scalar.
    private func sumRows(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        parallelRanges(of: resultCount, scalarsPerIndex: inner.extent * summedOffsets.count) { range in
            for index in range {
                let start = offset(ofOuter: index)
                var sum = 0.0
                for row in summedOffsets {
                    sum += sumRow(x, times: y, at: start + row, count: inner.extent)
                }
                result[index] = Float(sum)
            }
        }
    }

    /// Rows of the innermost axis are added to each other, a tile of columns at a time.
    private func sumColumns(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        let loops = vectorLoops
        let width = min(inner.extent, Tuning.summedColumns)
        let tiles = (inner.extent + width - 1) / width
        let resultRows = resultCount / max(1, inner.extent)
        parallelRanges(of: resultRows * tiles, scalarsPerIndex: width * summedOffsets.count) { range in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { sums in
                for index in range {
                    let (resultRow, tile) = index.quotientAndRemainder(dividingBy: tiles)
                    let column = tile * width
                    let count = min(width, inner.extent - column)
                    let start = offset(ofOuter: resultRow) + column
                    sums.initialize(repeating: 0)
                    for row in summedOffsets {
                        let at = start + row
                        if let y {
                            loops.pointee.accumulate_products(sums.baseAddress!, x + at, y + at, count)
                        } else {
                            loops.pointee.accumulate(sums.baseAddress!, x + at, count)
                        }
                    }
                    loops.pointee.round_sums(
                        result + resultRow * inner.extent + column, sums.baseAddress!, count)
                }
            }
        }
    }
}
