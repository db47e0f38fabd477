import CVectorKernels
import Runtime

/// Over what a tensor [B, C, *S] is standardized.
public enum StandardizationExtent: Sendable, Hashable {
    /// Over space, separately for each sample and channel.
    case instance
    /// Over batch and space, separately for each channel.
    case batch
    /// Channels in the given number of equal groups, by turns as ``batch`` and as ``instance``, the first as
    /// ``batch``: group-based instance and batch standardization (G-IBS, arXiv 2401.17948).
    case alternating(groups: Int)
}

extension Tensor {
    /// The tensor, of shape [B, C, *S], shifted and scaled to zero mean and unit variance: (x - μ) / √(σ² + ε), with
    /// the biased variance σ² (divided by the count).
    ///
    /// The mean and the variance are found one after the other, in double precision.
    ///
    /// - Complexity: O(*n*), three passes over the *n* scalars.
    public func standardized(over extent: StandardizationExtent, epsilon: Float = 1e-5) -> Tensor {
        let units = StandardizationUnits(shape: shape, extent: extent)
        let statistics = units.statistics(of: self, epsilon: epsilon)
        let loops = vectorLoops
        let result = Tensor(shape: shape) { result in
            withPointer { x in
                units.inPieces { unit, row in
                    loops.pointee.standardize(
                        result + row, x + row, statistics[unit].mean, statistics[unit].scale, units.rowLength)
                }
            }
        }
        return result.recorded(from: self) {
            [units.pullback(cotangent: $0, standardized: result, statistics)]
        }
    }

    /// GELU of the standardized tensor, without writing the standardized one to memory: see
    /// ``standardized(over:epsilon:)`` and ``gelu()``.
    ///
    /// - Parameters:
    ///   - extent: What shares a mean and a variance.
    ///   - epsilon: What is added to each variance.
    ///   - offset: A single scalar that is added to GELU, or `nil` for none.
    ///   - factors: A constant of shape [B, C] by which each sample's channels are multiplied at last, as dropout does;
    ///     `nil` for none.
    public func standardizedGELU(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, offset: Tensor? = nil,
        factors: Tensor? = nil
    ) -> Tensor {
        standardizedGELUAndMoments(over: extent, epsilon: epsilon, offset: offset, factors: factors).result
    }

    /// ``standardizedGELU(over:epsilon:offset:factors:)``, and the moments of all channels, which come with it.
    public func standardizedGELUAndMoments(
        over extent: StandardizationExtent, epsilon: Float = 1e-5, offset: Tensor? = nil,
        factors: Tensor? = nil
    ) -> (result: Tensor, moments: ChannelMoments) {
        require(
            offset.map { $0.count == 1 } ?? true,
            "expected an offset of one scalar, got the shape \(offset?.shape ?? [])")
        require(
            factors.map { $0.shape == Array(shape.prefix(2)) && !$0.isRecorded } ?? true,
            "expected constant factors of shape \(shape.prefix(2)), got the shape \(factors?.shape ?? [])")
        let units = StandardizationUnits(shape: shape, extent: extent)
        let statistics = units.statistics(of: self, epsilon: epsilon)
        let loops = vectorLoops
        let addend = offset?.scalar
        let factors = factors?.scalars
        let result = Tensor(shape: shape) { result in
            withPointer { x in
                units.inPieces(nanoseconds: 1) { unit, row in
                    let (y, count) = (result + row, units.rowLength)
                    loops.pointee.standardize_gelu(
                        y, x + row, statistics[unit].mean, statistics[unit].scale, count)
                    if let addend { loops.pointee.add_scalar(y, y, addend, count) }
                    if let factors { loops.pointee.multiply_scalar(y, y, factors[row / count], count) }
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
}

/// The mean and the biased variance of each channel of a tensor [B, C, *S], over batch and space: constants of shape
/// [1, C, 1, ...].
public struct ChannelMoments: Sendable {
    /// The means.
    public let mean: Tensor
    /// The variances, divided by the count.
    public let variance: Tensor

    /// Moments that are known: both of one shape.
    public init(mean: Tensor, variance: Tensor) {
        require(
            mean.shape == variance.shape,
            "expected moments of one shape, got \(mean.shape) and \(variance.shape)")
        self.mean = mean
        self.variance = variance
    }
}

/// The groups of scalars that share a mean and a variance.
private struct StandardizationUnits: Sendable {
    /// Rows (of one sample and channel each) `first`, `first` + `step`, ...
    struct Unit {
        let first: Int
        let step: Int
        let count: Int
    }

    struct Statistics {
        let mean: Double
        /// σ², biased
        let variance: Double
        /// 1 / √(σ² + ε)
        let scale: Float
    }

    private let units: [Unit]
    private let shape: [Int]
    /// Of each channel; the others have a unit for each sample.
    private let isOverBatch: [Bool]
    let rowLength: Int
    private let scalarsEach: Int

    init(shape: [Int], extent: StandardizationExtent) {
        require(shape.count >= 2, "expected a shape [B, C, ...] to standardize, got \(shape)")
        let (batch, channels) = (shape[0], shape[1])
        var isOverBatch = Array(repeating: extent == .batch, count: channels)
        if case .alternating(let groups) = extent {
            require(
                groups > 0 && channels % groups == 0,
                "expected a number of groups that divides \(channels) channels, got \(groups)")
            let width = channels / groups
            isOverBatch = (0..<channels).map { $0 / width % 2 == 0 }
        }
        self.isOverBatch = isOverBatch
        units = (0..<channels).flatMap { channel in
            isOverBatch[channel]
                ? [Unit(first: channel, step: channels, count: batch)]
                : (0..<batch).map { Unit(first: $0 * channels + channel, step: 0, count: 1) }
        }
        self.shape = shape
        rowLength = shape[2...].reduce(1, *)
        scalarsEach = units.isEmpty ? 0 : shape.reduce(1, *) / units.count
    }

    private func inPiecesOfUnits(nanoseconds: Double, _ body: (Int) -> Void) {
        Tensors.inPieces(of: units.count, scalarsEach: scalarsEach, nanoseconds: nanoseconds) {
            $0.forEach(body)
        }
    }

    private func forEachRow(of unit: Int, _ body: (_ offset: Int) -> Void) {
        let rows = units[unit]
        for index in 0..<rows.count { body((rows.first + index * rows.step) * rowLength) }
    }

    /// Calls `body` with each unit and the offset of each of its rows.
    func inPieces(nanoseconds: Double = 0.3, _ body: (_ unit: Int, _ offset: Int) -> Void) {
        inPiecesOfUnits(nanoseconds: nanoseconds) { unit in forEachRow(of: unit) { body(unit, $0) } }
    }

    func statistics(of tensor: Tensor, epsilon: Float) -> [Statistics] {
        let loops = vectorLoops
        return tensor.withPointer { x in
            Array(unsafeUninitializedCapacity: units.count) { statistics, count in
                // Each task writes the elements of its own units.
                let elements = statistics.baseAddress
                inPiecesOfUnits(nanoseconds: 0.3) { unit in
                    let total = Double(units[unit].count * rowLength)
                    var sum = 0.0
                    forEachRow(of: unit) { sum += loops.pointee.sum(x + $0, rowLength) }
                    let mean = sum / total
                    var deviations = 0.0
                    forEachRow(of: unit) {
                        deviations += loops.pointee.squared_deviations(x + $0, mean, rowLength)
                    }
                    let variance = deviations / total
                    let scale = 1 / (variance + Double(epsilon)).squareRoot()
                    (elements! + unit).initialize(
                        to: Statistics(mean: mean, variance: variance, scale: Float(scale)))
                }
                count = units.count
            }
        }
    }

    /// The moments of whole channels. Of one whose samples are units of their own: the mean of their means, and the mean
    /// of their variances with the variance of their means.
    func channelMoments(_ statistics: [Statistics]) -> ChannelMoments {
        let shape = [1, self.shape[1]] + self.shape[2...].map { _ in 1 }
        var (means, variances): ([Float], [Float]) = ([], [])
        var first = 0
        for isOverBatch in isOverBatch {
            let end = first + (isOverBatch ? 1 : self.shape[0])
            let own = statistics[first..<end]
            let count = Double(own.count)
            let mean = own.reduce(0) { $0 + $1.mean } / count
            let variance = own.reduce(0) { $0 + $1.variance + ($1.mean - mean) * ($1.mean - mean) } / count
            means.append(Float(mean))
            variances.append(Float(variance))
            first = end
        }
        return ChannelMoments(
            mean: Tensor(shape: shape, scalars: means), variance: Tensor(shape: shape, scalars: variances))
    }

    /// With y the standardized input: scale (g - mean(g) - y mean(g y)).
    func pullback(cotangent: Tensor, standardized: Tensor, _ statistics: [Statistics]) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: cotangent.shape) { result in
            standardized.withPointer { y in
                cotangent.withPointer { g in
                    inPiecesOfUnits(nanoseconds: 0.5) { unit in
                        let total = Float(units[unit].count * rowLength)
                        var sums = (0.0, 0.0)
                        forEachRow(of: unit) {
                            sums.0 += loops.pointee.sum(g + $0, rowLength)
                            sums.1 += loops.pointee.dot(g + $0, y + $0, rowLength)
                        }
                        forEachRow(of: unit) {
                            loops.pointee.standardization_pullback(
                                result + $0, y + $0, g + $0, 0, 1, Float(sums.0) / total,
                                Float(sums.1) / total,
                                rowLength)
                            loops.pointee.multiply_scalar(
                                result + $0, result + $0, statistics[unit].scale, rowLength)
                        }
                    }
                }
            }
        }
    }

    /// The sum of all scalars, each row's multiplied by its factor.
    func sum(of tensor: Tensor, factors: [Float]?) -> Float {
        let loops = vectorLoops
        let sums = tensor.withPointer { x in
            [Double](unsafeUninitializedCapacity: units.count) { sums, count in
                let elements = sums.baseAddress  // Each task writes the elements of its own units.
                inPiecesOfUnits(nanoseconds: 0.2) { unit in
                    var sum = 0.0
                    forEachRow(of: unit) {
                        sum += loops.pointee.sum(x + $0, rowLength) * Double(factors?[$0 / rowLength] ?? 1)
                    }
                    (elements! + unit).initialize(to: sum)
                }
                count = units.count
            }
        }
        return Float(sums.reduce(0, +))
    }

    /// The pullback of the factors, of GELU, and on these that of the standardization.
    func geluPullback(
        cotangent: Tensor, input: Tensor, _ statistics: [Statistics], factors: [Float]?
    ) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: cotangent.shape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    inPiecesOfUnits(nanoseconds: 1.3) { unit in
                        let total = Float(units[unit].count * rowLength)
                        let (mean, scale) = (statistics[unit].mean, statistics[unit].scale)
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
                            sums.initialize(repeating: 0)
                            forEachRow(of: unit) { row in
                                var g = g + row
                                if let factors {
                                    loops.pointee.multiply_scalar(
                                        result + row, g, factors[row / rowLength], rowLength)
                                    g = UnsafePointer(result + row)
                                }
                                loops.pointee.standardize_gelu_pullback(
                                    result + row, x + row, g, mean, scale, rowLength, sums.baseAddress!)
                            }
                            forEachRow(of: unit) {
                                loops.pointee.standardization_pullback(
                                    result + $0, x + $0, result + $0, mean, scale, Float(sums[0]) / total,
                                    Float(sums[1]) / total, rowLength)
                            }
                        }
                    }
                }
            }
        }
    }
}
