import CVectorKernels
import Runtime

extension Tensor {
    /// gelu(standardize(a ⊙ b)) + bias, standardized over space for each sample and channel, where a and b are the
    /// first and the second half of this tensor's channels.
    ///
    /// The product is not written to memory: the pullback computes it again, row by row. Source: the recursive gated
    /// unit of arXiv 2401.17948.
    ///
    /// - Parameters:
    ///   - bias: Shape [*S], or `nil` for none.
    ///   - epsilon: What is added to each variance.
    /// - Returns: [B, C, *S] for a tensor of shape [B, 2C, *S].
    /// - Complexity: O(*n*).
    public func gatedStandardizedGELU(bias: Tensor? = nil, epsilon: Float = 1e-5) -> Tensor {
        require(
            rank >= 2 && shape[1] % 2 == 0,
            "expected a shape [B, 2C, ...] with two halves to multiply, got \(shape)")
        let gate = GatedRows(shape: shape)
        if let bias {
            require(
                bias.shape == Array(shape[2...]), "expected a bias of shape \(shape[2...]), got \(bias.shape)"
            )
        }
        let (result, moments) = gate.apply(to: self, bias: bias, epsilon: epsilon)
        let input = isRecorded ? detached : nil
        let biasShape = bias.flatMap { $0.isRecorded ? $0.shape : nil }
        return [result].recorded(from: [self] + (bias.map { [$0] } ?? [])) { cotangents in
            let cotangent = cotangents[0]!
            let pulledBack = [input.map { gate.pullback(cotangent: cotangent, input: $0, moments) }]
            return bias == nil ? pulledBack : pulledBack + [biasShape.map { cotangent.summed(toShape: $0) }]
        }[0]
    }
}

/// The rows of [B, 2C, *S], each of the first half of the channels with its partner of the second.
private struct GatedRows: Sendable {
    struct Moments {
        let mean: Double
        /// 1 / √(σ² + ε)
        let scale: Float
    }

    private let shape: [Int]
    private let channels: Int
    private let rowLength: Int

    init(shape: [Int]) {
        self.shape = shape
        channels = shape[1] / 2
        rowLength = shape[2...].reduce(1, *)
    }

    private var rowCount: Int { shape[0] * channels }

    /// Calls `body` with each row of the result, the offsets of its two factors, and memory for a row.
    private func forEachRow(
        nanoseconds: Double,
        _ body: (_ row: Int, _ first: Int, _ second: Int, _ product: UnsafeMutablePointer<Float>) -> Void
    ) {
        inPieces(of: rowCount, scalarsEach: 2 * rowLength, nanoseconds: nanoseconds) { piece in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, rowLength)) { product in
                for row in piece {
                    let (sample, channel) = row.quotientAndRemainder(dividingBy: channels)
                    let first = (sample * 2 * channels + channel) * rowLength
                    body(row, first, first + channels * rowLength, product.baseAddress!)
                }
            }
        }
    }

    func apply(to input: Tensor, bias: Tensor?, epsilon: Float) -> (Tensor, [Moments]) {
        let loops = vectorLoops
        let count = rowLength
        var moments: [Moments] = []
        let result = Tensor(shape: [shape[0], channels] + shape[2...]) { result in
            input.withPointer { x in
                Tensor.withScalars(of: bias.map { [$0] } ?? []) { bias in
                    moments = Array(unsafeUninitializedCapacity: rowCount) { moments, initialized in
                        // Each task writes the elements of its own rows.
                        let elements = moments.baseAddress
                        forEachRow(nanoseconds: 1) { row, first, second, product in
                            loops.pointee.multiply(product, x + first, x + second, count)
                            let mean = loops.pointee.sum(product, count) / Double(count)
                            let variance =
                                loops.pointee.squared_deviations(product, mean, count) / Double(count)
                            let scale = Float(1 / (variance + Double(epsilon)).squareRoot())
                            (elements! + row).initialize(to: Moments(mean: mean, scale: scale))
                            let y = result + row * count
                            loops.pointee.standardize_gelu(y, product, mean, scale, count)
                            if let bias = bias.first { loops.pointee.add(y, y, bias.baseAddress!, count) }
                        }
                        initialized = rowCount
                    }
                }
            }
        }
        return (result, moments)
    }

    /// The pullbacks of GELU, of the standardization and of the product.
    func pullback(cotangent: Tensor, input: Tensor, _ moments: [Moments]) -> Tensor {
        let loops = vectorLoops
        let count = rowLength
        return Tensor(shape: shape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    forEachRow(nanoseconds: 1.3) { row, first, second, product in
                        let (mean, scale) = (moments[row].mean, moments[row].scale)
                        loops.pointee.multiply(product, x + first, x + second, count)
                        // What is written first is the cotangent of the product.
                        let (left, right) = (result + first, result + second)
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
                            sums.initialize(repeating: 0)
                            loops.pointee.standardize_gelu_pullback(
                                right, product, g + row * count, mean, scale, count, sums.baseAddress!)
                            loops.pointee.standardization_pullback(
                                right, product, right, mean, scale, Float(sums[0]) / Float(count),
                                Float(sums[1]) / Float(count), count)
                        }
                        loops.pointee.multiply(left, right, x + second, count)
                        loops.pointee.multiply(right, right, x + first, count)
                    }
                }
            }
        }
    }
}
