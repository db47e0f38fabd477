import CVectorKernels
import Convolution
import Runtime

extension Tensor {
    /// The sum of all scalars, a scalar tensor.
    public func sum() -> Tensor { sum(overAxes: Array(shape.indices)) }

    /// The mean of all scalars, a scalar tensor.
    public func mean() -> Tensor { mean(overAxes: Array(shape.indices)) }

    /// The sums over the given axes, which are left out of the result's shape or, with `keepingAxes`, are kept with
    /// extent 1.
    ///
    /// Sums are accumulated in double precision, in an order that does not depend on the number of threads.
    public func sum(overAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let keptShape = shapeReduced(overAxes: axes)
        let remaining = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        let sums = summed(toShape: keptShape).withShape(keepingAxes ? keptShape : remaining)
        return sums.recorded(from: self) { [$0.withShape(keptShape)] }
    }

    /// The means over the given axes, which are left out of the result's shape or, with `keepingAxes`, are kept
    /// with extent 1.
    public func mean(overAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let summands = axes.reduce(1) { $0 * shape[$1] }
        return sum(overAxes: axes, keepingAxes: keepingAxes) * (1 / Float(summands))
    }

    /// The Euclidean norm of all scalars, a scalar tensor; its gradient at 0 is 0.
    public func norm() -> Tensor {
        let length = Float(withPointer { dotProduct($0, $0, count: count) }.squareRoot())
        let input = detached
        return Tensor(length).recorded(from: self) { cotangent in
            [input * (length > 0 ? cotangent.scalar / length : 0)]
        }
    }

    private func shapeReduced(overAxes axes: [Int]) -> [Int] {
        var reduced = shape
        for axis in axes {
            require(shape.indices.contains(axis), "expected axes below \(rank), got \(axis)")
            reduced[axis] = 1
        }
        require(Set(axes).count == axes.count, "expected each axis once, got \(axes)")
        return reduced
    }
}

// MARK: - Sums over repeated axes

extension Tensor {
    /// The sums over the axes along which a tensor of the given shape is repeated to this one's: the transpose of
    /// broadcasting. With `factor`, of this tensor's shape, the sums of products.
    func summed(toShape operandShape: [Int], timesScalarsOf factor: Tensor? = nil) -> Tensor {
        if shape == operandShape && factor == nil { return detached }
        let plan = SummationPlan(from: shape, to: operandShape)
        return Tensor(shape: operandShape) { result in
            withPointer { x in
                if let factor {
                    factor.withPointer { plan.sum(x, times: $0, into: result) }
                } else {
                    plan.sum(x, times: nil, into: result)
                }
            }
        }
    }
}

/// The sum of products of two arrays.
func dotProduct(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Double {
    total(x, times: y, count: count)
}

/// The sum of an array's scalars, or of their products with those of another: in pieces side by side, whose sums are
/// added in order.
private func total(_ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, count: Int) -> Double {
    let length = 1 << 14
    let pieces = (count + length - 1) / length
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, pieces)) { partial in
        parallelFor(pieces, nanoseconds: 0.2 * Double(count)) { piece, _ in
            let start = piece * length
            partial[piece] = sumRow(x, times: y, at: start, count: min(length, count - start))
        }
        return partial[..<pieces].reduce(0, +)
    }
}

private func sumRow(
    _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, at start: Int, count: Int
) -> Double {
    guard let y else { return vectorLoops.pointee.sum(x + start, count) }
    return vectorLoops.pointee.dot(x + start, y + start, count)
}

/// How the scalars of one shape are summed to those of another: axes in the order of the operand, neighbors merged
/// where both are summed or both kept, and split in those of the result, those that are summed and the innermost.
private struct SummationPlan {
    private var keptOuter: [(extent: Int, stride: Int)] = []
    /// The offsets of the rows that are summed.
    private var summedOffsets: [Int] = [0]
    private var inner = (extent: 1, isSummed: false)
    let resultCount: Int

    init(from shape: [Int], to operandShape: [Int]) {
        let padded = Array(repeating: 1, count: shape.count - operandShape.count) + operandShape
        resultCount = operandShape.reduce(1, *)
        var runs: [(extent: Int, isSummed: Bool, stride: Int)] = []
        var stride = 1
        for (extent, target) in zip(shape, padded).reversed() {
            require(target == extent || target == 1, "cannot sum \(shape) to \(operandShape)")
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

    /// Rows of the last axis to a scalar each.
    private func sumRows(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        inPieces(of: resultCount, scalarsEach: inner.extent * summedOffsets.count) { piece in
            for index in piece {
                let start = offset(ofOuter: index)
                var sum = 0.0
                for row in summedOffsets {
                    sum += sumRow(x, times: y, at: start + row, count: inner.extent)
                }
                result[index] = Float(sum)
            }
        }
    }

    /// Rows of the last axis onto each other.
    private func sumColumns(
        _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        let loops = vectorLoops
        let width = min(inner.extent, 512)
        let stretches = (inner.extent + width - 1) / width
        let blocks = resultCount / max(1, inner.extent)
        inPieces(of: blocks * stretches, scalarsEach: width * summedOffsets.count) { piece in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { sums in
                for index in piece {
                    let (block, stretch) = index.quotientAndRemainder(dividingBy: stretches)
                    let column = stretch * width
                    let count = min(width, inner.extent - column)
                    let start = offset(ofOuter: block) + column
                    sums.initialize(repeating: 0)
                    for row in summedOffsets {
                        let at = start + row
                        if let y {
                            loops.pointee.accumulate_products(sums.baseAddress!, x + at, y + at, count)
                        } else {
                            loops.pointee.accumulate(sums.baseAddress!, x + at, count)
                        }
                    }
                    loops.pointee.round_sums(result + block * inner.extent + column, sums.baseAddress!, count)
                }
            }
        }
    }
}
