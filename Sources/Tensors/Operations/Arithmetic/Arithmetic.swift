import CVectorLoops

extension Tensor {
    /// The elementwise sum of two tensors, whose shapes broadcast as in NumPy.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars of the result.
    public static func + (left: Tensor, right: Tensor) -> Tensor {
        let sum = combined(left, right, by: .addition)
        let (leftOperand, rightOperand) = (left.broadcastOperand, right.broadcastOperand)
        return sum.recorded(from: left, right) { cotangent in
            [
                leftOperand.map { cotangent.summed(to: $0) },
                rightOperand.map { cotangent.summed(to: $0) },
            ]
        }
    }

    /// The elementwise difference of two tensors, whose shapes broadcast as in NumPy.
    public static func - (left: Tensor, right: Tensor) -> Tensor {
        let difference = combined(left, right, by: .subtraction)
        let (leftOperand, rightOperand) = (left.broadcastOperand, right.broadcastOperand)
        return difference.recorded(from: left, right) { cotangent in
            [
                leftOperand.map { cotangent.summed(to: $0) },
                rightOperand.map { -cotangent.summed(to: $0) },
            ]
        }
    }

    /// The elementwise product of two tensors, whose shapes broadcast as in NumPy.
    public static func * (left: Tensor, right: Tensor) -> Tensor {
        let product = combined(left, right, by: .multiplication)
        let (leftOperand, rightOperand) = (left.broadcastOperand, right.broadcastOperand)
        // A factor is kept only where the other is recorded.
        let leftFactor = right.isRecorded ? left.detached : nil
        let rightFactor = left.isRecorded ? right.detached : nil
        return product.recorded(from: left, right) { cotangent in
            [
                leftOperand.map { cotangent.multiplied(by: rightFactor!, summedTo: $0) },
                rightOperand.map { cotangent.multiplied(by: leftFactor!, summedTo: $0) },
            ]
        }
    }

    /// The tensor with `right` added to each scalar.
    public static func + (left: Tensor, right: Float) -> Tensor {
        left.mapped(with: right, by: vectorLoops.pointee.add_scalar).recorded(from: left) { [$0] }
    }

    /// The tensor with `left` added to each scalar.
    public static func + (left: Float, right: Tensor) -> Tensor { right + left }

    /// The tensor with `right` subtracted from each scalar.
    public static func - (left: Tensor, right: Float) -> Tensor { left + -right }

    /// The tensor with each scalar subtracted from `left`.
    public static func - (left: Float, right: Tensor) -> Tensor {
        right.mapped(with: left, by: vectorLoops.pointee.subtract_from_scalar).recorded(from: right) { [-$0] }
    }

    /// The tensor with each scalar multiplied by `right`.
    public static func * (left: Tensor, right: Float) -> Tensor {
        left.mapped(with: right, by: vectorLoops.pointee.multiply_scalar).recorded(from: left) {
            [$0 * right]
        }
    }

    /// The tensor with each scalar multiplied by `left`.
    public static func * (left: Float, right: Tensor) -> Tensor { right * left }

    /// The tensor with the sign of each scalar changed.
    public static prefix func - (operand: Tensor) -> Tensor { operand * -1 }
}

// MARK: - Loops over broadcast operands

extension Tensor {
    fileprivate enum Combination {
        case addition, subtraction, multiplication
    }

    private var broadcastOperand: BroadcastOperand? {
        isRecorded ? BroadcastOperand(shape: shape, isPerSample: partition != nil) : nil
    }

    private func mapped(with scalar: Float, by loop: vl_scalar_loop) -> Tensor {
        Tensor(shape: shape) { result in
            withPointer { x in
                parallelRanges(of: count) {
                    loop(result + $0.lowerBound, x + $0.lowerBound, scalar, $0.count)
                }
            }
        }
    }

    private static func combined(_ left: Tensor, _ right: Tensor, by combination: Combination) -> Tensor {
        let broadcast = Broadcast(left.shape, right.shape)
        let loops = vectorLoops
        return Tensor(shape: broadcast.shape) { result in
            left.withPointer { left in
                right.withPointer { right in
                    let (leftStep, rightStep) = (
                        broadcast.axes.last!.leftStride, broadcast.axes.last!.rightStride
                    )
                    let count = broadcast.shape.reduce(1, *)
                    parallelRanges(of: count) { range in
                        broadcast.forEachRun(in: range) { at, leftAt, rightAt, length in
                            let (y, a, b) = (result + at, left + leftAt, right + rightAt)
                            switch (combination, leftStep, rightStep) {
                            case (.addition, 1, 1): loops.pointee.add(y, a, b, length)
                            case (.addition, 1, _): loops.pointee.add_scalar(y, a, b[0], length)
                            case (.addition, _, _): loops.pointee.add_scalar(y, b, a[0], length)
                            case (.subtraction, 1, 1): loops.pointee.subtract(y, a, b, length)
                            case (.subtraction, 1, _): loops.pointee.add_scalar(y, a, -b[0], length)
                            case (.subtraction, _, _): loops.pointee.subtract_from_scalar(y, b, a[0], length)
                            case (.multiplication, 1, 1): loops.pointee.multiply(y, a, b, length)
                            case (.multiplication, 1, _): loops.pointee.multiply_scalar(y, a, b[0], length)
                            case (.multiplication, _, _): loops.pointee.multiply_scalar(y, b, a[0], length)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The product with `factor`, summed over the axes along which an operand of the given shape was broadcast: the
    /// cotangent of that operand of a product.
    private func multiplied(by factor: Tensor, summedTo operand: BroadcastOperand) -> Tensor {
        if shape == operand.shape, operand.isPerSample || partition == nil {
            return Tensor.combined(self, factor, by: .multiplication)
        }
        if shape == factor.shape {
            return summed(
                toShape: operand.shape, isPerSample: operand.isPerSample, timesScalarsOf: factor)
        }
        return Tensor.combined(self, factor, by: .multiplication).distributed(in: partition).summed(
            to: operand)
    }

    private func summed(to operand: BroadcastOperand) -> Tensor {
        summed(toShape: operand.shape, isPerSample: operand.isPerSample)
    }
}

/// An operand of a broadcast operation: its shape, and whether its first axis is a distributed batch.
private struct BroadcastOperand: Sendable {
    let shape: [Int]
    let isPerSample: Bool
}
