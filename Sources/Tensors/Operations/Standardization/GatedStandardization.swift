import CVectorLoops
import Runtime

extension Tensor {
    /// gelu(standardized(a ⊙ b)) + bias, where a and b are the first and the second half of this tensor's channels, and
    /// the standardization is over space, for each sample and channel.
    ///
    /// The product a ⊙ b is not written to memory: the pullback recomputes it row by row.
    ///
    /// Source: the recursive gated unit of arXiv 2401.17948.
    ///
    /// - Parameters:
    ///   - bias: Shape [*S], or `nil` for none.
    ///   - epsilon: Added to each variance.
    ///   - lengths: Of sequences [B, 2C, L], the number of each sample's own positions: the others are not read, their results
    ///     are 0.
    /// - Returns: [B, C, *S] for a tensor of shape [B, 2C, *S].
    /// - Complexity: O(*n*).
    public func gatedStandardizedGELU(
        bias: Tensor? = nil, epsilon: Float = 1e-5, lengths: [Int]? = nil
    ) -> Tensor {
        require(
            rank >= 2 && shape[1] % 2 == 0,
            "expected a shape [B, 2C, ...] with two halves to multiply, got \(shape)")
        if let lengths { checkLengths(lengths) }
        let gate = GatedRows(shape: shape, lengths: lengths)
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
            guard bias != nil else { return pulledBack }
            let own = lengths.map { cotangent.masked(toLengths: $0) } ?? cotangent
            return pulledBack + [biasShape.map { own.summed(toShape: $0) }]
        }[0]
    }
}

/// The rows of [B, 2C, *S], each channel of the first half paired with one of the second.
private struct GatedRows: Sendable {
    struct Moments {
        let mean: Double
        /// 1 / √(σ² + ε)
        let scale: Float
    }

    private let shape: [Int]
    private let channels: Int
    private let rowLength: Int
    private let lengths: [Int]?

    init(shape: [Int], lengths: [Int]?) {
        self.shape = shape
        self.lengths = lengths
        channels = shape[1] / 2
        rowLength = shape[2...].reduce(1, *)
    }

    private var rowCount: Int { shape[0] * channels }

    /// Calls `body` with each row of the result, the offsets of its two factors, the number of its own scalars, and memory for
    /// the product.
    private func forEachRow(
        nanoseconds: Double,
        _ body: (
            _ row: Int, _ first: Int, _ second: Int, _ count: Int, _ product: UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        parallelRanges(of: rowCount, scalarsPerIndex: 2 * rowLength, nanoseconds: nanoseconds) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, rowLength)) { product in
                for row in range {
                    let (sample, channel) = row.quotientAndRemainder(dividingBy: channels)
                    let first = (sample * 2 * channels + channel) * rowLength
                    body(
                        row, first, first + channels * rowLength, lengths?[sample] ?? rowLength,
                        product.baseAddress!)
                }
            }
        }
    }

    func apply(to input: Tensor, bias: Tensor?, epsilon: Float) -> (Tensor, [Moments]) {
        let loops = vectorLoops
        var moments: [Moments] = []
        let result = Tensor(shape: [shape[0], channels] + shape[2...]) { result in
            input.withPointer { x in
                Tensor.withScalars(of: bias.map { [$0] } ?? []) { bias in
                    moments = Array(unsafeUninitializedCapacity: rowCount) { moments, initialized in
                        // Each row writes its own element.
                        let elements = moments.baseAddress
                        forEachRow(nanoseconds: Tuning.Nanoseconds.longPolynomial) {
                            row, first, second, count, product in
                            loops.pointee.multiply(product, x + first, x + second, count)
                            let mean = loops.pointee.sum(product, count) / Double(count)
                            let variance =
                                loops.pointee.squared_deviations(product, mean, count) / Double(count)
                            let scale = Float(1 / (variance + Double(epsilon)).squareRoot())
                            (elements! + row).initialize(to: Moments(mean: mean, scale: scale))
                            let y = result + row * rowLength
                            loops.pointee.standardize_gelu(y, product, mean, scale, count)
                            if let bias = bias.first { loops.pointee.add(y, y, bias.baseAddress!, count) }
                            (y + count).update(repeating: 0, count: rowLength - count)
                        }
                        initialized = rowCount
                    }
                }
            }
        }
        return (result, moments)
    }

    /// The pullbacks of GELU, standardization and product.
    func pullback(cotangent: Tensor, input: Tensor, _ moments: [Moments]) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: shape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    forEachRow(nanoseconds: Tuning.Nanoseconds.longPolynomialPullback) {
                        row, first, second, count, product in
                        let (mean, scale) = (moments[row].mean, moments[row].scale)
                        loops.pointee.multiply(product, x + first, x + second, count)
                        // `right` holds the cotangent of the product until the last two lines.
                        let (left, right) = (result + first, result + second)
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
                            sums.initialize(repeating: 0)
                            loops.pointee.standardize_gelu_pullback(
                                right, product, g + row * rowLength, mean, scale, count, sums.baseAddress!)
                            loops.pointee.standardization_pullback(
                                right, product, right, mean, scale, Float(sums[0]) / Float(count),
                                Float(sums[1]) / Float(count), count)
                        }
                        loops.pointee.multiply(left, right, x + second, count)
                        loops.pointee.multiply(right, right, x + first, count)
                        for half in [left, right] {
                            (half + count).update(repeating: 0, count: rowLength - count)
                        }
                    }
                }
            }
        }
    }
}
