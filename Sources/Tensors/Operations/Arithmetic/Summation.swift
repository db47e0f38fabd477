import CVectorLoops
import Runtime

extension Tensor {
    /// The sum of all scalars, a scalar tensor.
    public func sum() -> Tensor { sum(overAxes: Array(shape.indices)) }

    /// The mean of all scalars, a scalar tensor.
    public func mean() -> Tensor { mean(overAxes: Array(shape.indices)) }

    /// The sums over the given axes, which are dropped from the result's shape or, with `keepingAxes`, have extent 1.
    ///
    /// Accumulated in double precision, in an order that does not depend on the number of threads. The first axis, the
    /// batch, is summed in up to eight groups, whose sums are combined in a binary tree.
    public func sum(overAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        reduced(overAxes: axes, keepingAxes: keepingAxes, divisor: 1)
    }

    /// The means over the given axes, which are dropped from the result's shape or, with `keepingAxes`, have extent 1.
    ///
    /// Accumulated as sums are, divided in double precision and rounded once: the mean of up to 2^29 equal scalars is
    /// exactly their value.
    public func mean(overAxes axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let keptShape = shapeReduced(overAxes: axes)
        var summands = count / max(1, keptShape.reduce(1, *))
        if let partition, axes.contains(0) {
            summands = summands / partition.samples.count * partition.sampleCount
        }
        return reduced(overAxes: axes, keepingAxes: keepingAxes, divisor: Double(summands))
    }

    /// The sums over the given axes, divided by `divisor`.
    private func reduced(overAxes axes: [Int], keepingAxes: Bool, divisor: Double) -> Tensor {
        let keptShape = shapeReduced(overAxes: axes)
        let remaining = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        let keepsBatch = !axes.contains(0)
        let sums = summed(toShape: keptShape, isPerSample: keepsBatch, divisor: divisor)
        return sums.withShape(keepingAxes ? keptShape : remaining).recorded(
            from: self, keepsBatch: keepsBatch
        ) { cotangent in
            let cotangent = cotangent.withShape(keptShape)
            return [divisor == 1 ? cotangent : cotangent * Float(1 / divisor)]
        }
    }

    /// The Euclidean norm of all scalars, a scalar tensor; its gradient at 0 is 0.
    public func norm() -> Tensor {
        require(partition == nil, "expected a tensor that is whole in each process")
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

// MARK: - The transpose of broadcasting

extension Tensor {
    /// The sums over the axes along which a tensor of the given shape is broadcast to this one's. With `factor`, of
    /// this tensor's shape, the sums of products. Divided by `divisor` before they are rounded.
    ///
    /// Of a distributed batch the sums over the batch are those over the whole, unless the operand `isPerSample`: its first
    /// axis is the same batch.
    func summed(
        toShape operandShape: [Int], isPerSample: Bool = false, timesScalarsOf factor: Tensor? = nil,
        divisor: Double = 1
    ) -> Tensor {
        let summedPartition = isPerSample ? nil : partition
        let keptPartition = isPerSample ? partition : nil
        if shape == operandShape && factor == nil && divisor == 1 && summedPartition == nil {
            return detached
        }
        let plan = SummationPlan(from: shape, to: operandShape, in: summedPartition, divisor: divisor)
        let sums = Tensor(shape: operandShape) { result in
            withPointer { x in
                if let factor {
                    factor.withPointer { plan.sum(x, times: $0, into: result) }
                } else {
                    plan.sum(x, times: nil, into: result)
                }
            }
        }
        return sums.distributed(in: keptPartition)
    }
}

/// The sum of products of two arrays.
func dotProduct(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Double {
    total(x, times: y, count: count)
}

/// The sum of an array's scalars, or of their products with those of another: partial sums of
/// ``Tuning/taskScalars``, added in order.
func total(_ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, count: Int) -> Double {
    let length = Tuning.taskScalars
    let tasks = (count + length - 1) / length
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, tasks)) { partial in
        parallelFor(tasks, nanoseconds: Tuning.Nanoseconds.sum * Double(count)) { task, _ in
            let start = task * length
            partial[task] = sumRow(x, times: y, at: start, count: min(length, count - start))
        }
        return partial[..<tasks].reduce(0, +)
    }
}

/// The sum of a row, or of its products with another.
func sumRow(
    _ x: UnsafePointer<Float>, times y: UnsafePointer<Float>?, at start: Int, count: Int
) -> Double {
    guard let y else { return vectorLoops.pointee.sum(x + start, count) }
    return vectorLoops.pointee.dot(x + start, y + start, count)
}
