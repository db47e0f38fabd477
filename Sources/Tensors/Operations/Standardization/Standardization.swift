import CVectorLoops
import Runtime

/// The axes over which a tensor [B, C, *S] is standardized.
public enum StandardizationExtent: Sendable, Hashable {
    /// Over space, for each sample and channel.
    case instance
    /// Over batch and space, for each channel.
    case batch
    /// Channels in the given number of equal groups, alternately ``batch``, the first, and ``instance``: group-based
    /// instance and batch standardization (G-IBS, arXiv 2401.17948).
    case alternating(groups: Int)
}

extension Tensor {
    /// This tensor of shape [B, C, *S], standardized to zero mean and unit variance: (x - μ) / √(σ² + ε), with the
    /// biased variance σ² (divided by the count).
    ///
    /// First the mean, then the variance are computed, in double precision.
    ///
    /// - Parameters:
    ///   - extent: The axes that share a mean and a variance.
    ///   - epsilon: Added to each variance.
    ///   - lengths: Of sequences [B, C, L], the number of each sample's own positions: the others are not read, their results
    ///     are 0.
    /// - Complexity: O(*n*), three passes over the *n* scalars.
    public func standardized(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, lengths: [Int]? = nil
    ) -> Tensor {
        standardizedAndMoments(over: extent, epsilon: epsilon, lengths: lengths).result
    }

    /// ``standardized(over:epsilon:lengths:)`` and the moments of all channels, which it computes anyway.
    public func standardizedAndMoments(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, lengths: [Int]? = nil
    ) -> (result: Tensor, moments: ChannelMoments) {
        let units = units(over: extent, lengths: lengths)
        let statistics = units.statistics(of: self, epsilon: epsilon)
        let loops = vectorLoops
        let result = Tensor(shape: shape) { result in
            withPointer { x in
                units.forEachRow(of: result, nanoseconds: Tuning.Nanoseconds.arithmetic) { unit, row in
                    loops.pointee.standardize(
                        result + row.start, x + row.start, statistics[unit].mean, statistics[unit].scale,
                        row.count)
                }
            }
        }
        let recorded = result.recorded(from: self) {
            [units.pullback(cotangent: $0, standardized: result, statistics)]
        }
        return (recorded, units.channelMoments(statistics))
    }

    /// GELU of the standardized tensor: (gelu(standardized) + offset) ⊙ factors, in one operation that does not write
    /// the standardized tensor to memory.
    ///
    /// - Parameters:
    ///   - extent: The axes that share a mean and a variance.
    ///   - epsilon: Added to each variance.
    ///   - offset: A tensor of one scalar, or `nil` for 0.
    ///   - factors: A constant of shape [B, C], the factors of dropout for instance; `nil` for 1.
    ///   - lengths: Of sequences [B, C, L], the number of each sample's own positions: the others are not read, their results
    ///     are 0.
    public func standardizedGELU(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, offset: Tensor? = nil,
        factors: Tensor? = nil, lengths: [Int]? = nil
    ) -> Tensor {
        standardizedGELUAndMoments(
            over: extent, epsilon: epsilon, offset: offset, factors: factors, lengths: lengths
        ).result
    }

    /// ``standardizedGELU(over:epsilon:offset:factors:lengths:)`` and the moments of all channels, which it computes anyway.
    public func standardizedGELUAndMoments(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, offset: Tensor? = nil,
        factors: Tensor? = nil, lengths: [Int]? = nil
    ) -> (result: Tensor, moments: ChannelMoments) {
        require(
            offset.map { $0.count == 1 } ?? true,
            "expected an offset of one scalar, got the shape \(offset?.shape ?? [])")
        require(
            factors.map { $0.shape == Array(shape.prefix(2)) && !$0.isRecorded } ?? true,
            "expected constant factors of shape \(shape.prefix(2)), got the shape \(factors?.shape ?? [])")
        let units = units(over: extent, lengths: lengths)
        let statistics = units.statistics(of: self, epsilon: epsilon)
        let loops = vectorLoops
        let offsetScalar = offset?.scalar
        let factors = factors?.scalars
        let result = Tensor(shape: shape) { result in
            withPointer { x in
                units.forEachRow(of: result, nanoseconds: Tuning.Nanoseconds.longPolynomial) { unit, row in
                    let (y, count) = (result + row.start, row.count)
                    loops.pointee.standardize_gelu(
                        y, x + row.start, statistics[unit].mean, statistics[unit].scale, count)
                    if let offsetScalar { loops.pointee.add_scalar(y, y, offsetScalar, count) }
                    if let factors {
                        loops.pointee.multiply_scalar(y, y, factors[row.start / units.rowLength], count)
                    }
                }
            }
        }
        let input = isRecorded ? detached : nil
        let offsetShape = offset.flatMap { $0.isRecorded ? $0.shape : nil }
        let recorded = [result].recorded(from: [self] + (offset.map { [$0] } ?? [])) { cotangents in
            let cotangent = cotangents[0]!
            let pulledBack = [
                input.map {
                    units.geluPullback(cotangent: cotangent, input: $0, statistics, factors: factors)
                }
            ]
            guard offset != nil else { return pulledBack }
            return pulledBack
                + [
                    offsetShape.map {
                        Tensor(shape: $0, scalars: [units.sum(of: cotangent, factors: factors)])
                    }
                ]
        }
        return (recorded[0], units.channelMoments(statistics))
    }

    private func units(over extent: StandardizationExtent, lengths: [Int]?) -> StandardizationUnits {
        if let lengths { checkLengths(lengths) }
        return StandardizationUnits(shape: shape, extent: extent, lengths: lengths, in: partition)
    }
}
