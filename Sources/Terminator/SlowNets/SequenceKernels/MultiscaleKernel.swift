import Runtime
import Tensors

/// The kernel of SGConv: sub-kernels of equal size, stretched by 1, 1, 2, 4, ... and laid end to end from lag 0 on, each
/// weaker than the one before.
///
///     kernel = [decay^(S-1) w₀, decay^(S-2) w₁, decay^(S-3) stretch₂(w₂), ..., stretch(w_{S-1})] / norm
///
/// A sub-kernel is stretched linearly between the centers of its samples. The number of parameters grows with the
/// logarithm of the length.
///
/// Source: Y. Li et al., *What Makes Convolutional Models Great on Long Sequence Modeling?*, arXiv 2210.09298,
/// section 3.2. Each kernel starts with the norm 1, as there. The published norm is that of the drawn kernel and a part
/// of checkpoints; here it is the expected one, which follows from the sizes, and the drawn sub-kernels are scaled to
/// it, by a factor near 1.
public struct MultiscaleKernel: SlowNet {
    /// One `[C, d]` for each scale, fine to coarse; `[2 C, d]` for a kernel of two sides.
    public var scales: [Tensor]
    /// The extent of the kernel it was made for.
    public let extents: [Int]
    /// The factor between neighboring scales.
    public let decay: Float
    /// 1 / norm: `[1, 1]`, or a factor for each row.
    var inverseNorms: Tensor
    private let side: KernelSides

    /// A kernel `[outputs, n]`.
    ///
    /// - Parameters:
    ///   - extents: the extent n of the kernel: one axis.
    ///   - outputs: the number of its channels.
    ///   - size: the number d of samples of a sub-kernel; the source has 64. A shorter side has sub-kernels of its length.
    ///   - scaleCount: the number S of scales; `nil` for as many as the kernel needs. A kernel that is shorter than all of
    ///     them is cut off, a longer one is 0 behind them.
    ///   - decay: the factor between neighboring scales, above 0.
    ///   - alignment: causal kernels begin at lag 0; centred ones have sub-kernels for each side of it.
    ///   - randomNumbers: the generator that draws the sub-kernels.
    public init(
        extents: [Int], outputs: Int, size: Int, scaleCount: Int? = nil, decay: Float = 2,
        alignment: GlobalInteraction.Alignment = .causal, using randomNumbers: inout RandomNumbers
    ) {
        require(
            extents.count == 1 && extents[0] >= 1 && size >= 1 && scaleCount ?? 1 >= 1 && decay > 0,
            "expected one extent of at least 1, at least 1 sample and scale, and a decay above 0, got \(extents), \(size), "
                + "\(scaleCount ?? 1) and \(decay)")
        self.extents = extents
        self.decay = decay
        side = KernelSides(alignment)
        let length = side.longestSide(extent: extents[0])
        let size = min(size, length)
        let count = scaleCount ?? Self.scaleCount(length: length, size: size)
        let rows = side.count * outputs
        scales = (0..<count).map { _ in
            Tensor(shape: [rows, size], normalWithDeviation: 1, using: &randomNumbers)
        }
        let expected = Self.expectedNorm(size: size, count: count, decay: Double(decay))
        inverseNorms = Tensor(shape: [1, 1], repeating: Float(1 / expected))
        let norms = uncut().squared().sum(overAxes: [1], keepingAxes: true).scalars.map { $0.squareRoot() }
        let factors = Tensor(shape: [rows, 1], scalars: norms.map { $0 > 0 ? 1 / $0 : 1 })
        scales = scales.map { $0 * factors }
    }

    private static func scaleCount(length: Int, size: Int) -> Int {
        var (count, samples) = (1, size)
        while samples < length {
            samples *= 2
            count += 1
        }
        return count
    }

    private static func stretch(ofScale scale: Int) -> Int { 1 << max(0, scale - 1) }

    /// √E‖kernel‖² for sub-kernels of independent samples of variance 1.
    ///
    /// Stretched by an even s, each of the d - 1 gaps between centers has s samples (1 - t) a + t b with
    /// t = (j + 1/2) / s; the s samples outside the outer centers have variance 1.
    private static func expectedNorm(size: Int, count: Int, decay: Double) -> Double {
        var sum = 0.0
        var power = 1.0
        for scale in (0..<count).reversed() {
            let stretch = stretch(ofScale: scale)
            let gap = (0..<stretch).reduce(0.0) { sum, index in
                let share = (Double(index) + 0.5) / Double(stretch)
                return sum + (1 - share) * (1 - share) + share * share
            }
            sum += power * power * (stretch == 1 ? Double(size) : Double(size - 1) * gap + Double(stretch))
            power *= decay
        }
        return sum.squareRoot()
    }

    /// The kernel `[C, n']`; resampled linearly to other extents than those it was made for.
    ///
    /// - Complexity: 3 multiplications for each sample.
    public func kernel(extents: [Int]) -> Tensor {
        require(extents.count == 1, "expected one extent, got \(extents)")
        return side.joined(extent: self.extents[0]) { length in
            let kernel = uncut()
            let missing = length - kernel.shape[1]
            guard missing > 0 else { return kernel.slice(alongAxis: 1, 0..<length) }
            let zeros = Tensor(shape: [kernel.shape[0], missing], repeating: 0)
            return .concatenated([kernel, zeros], alongAxis: 1)
        }.resampled(to: extents)
    }

    /// All scales, end to end.
    private func uncut() -> Tensor {
        var power: Float = 1
        var parts: [Tensor] = []
        for (scale, tensor) in scales.enumerated().reversed() {
            parts.append(tensor.stretched(by: Self.stretch(ofScale: scale)) * (inverseNorms * power))
            power *= decay
        }
        return .concatenated(parts.reversed(), alongAxis: 1)
    }

    /// Visits `scales.<i>`.
    public mutating func forEachParameterPath(_ body: (SlowNetPath, inout Tensor) throws -> Void) rethrows {
        for index in scales.indices { try body(.scales(index), &scales[index]) }
    }

    /// Sub-kernels have a rate of their own, as published.
    public func trainingRule(of path: SlowNetPath, rates: KernelRates) -> TrainingRule? {
        TrainingRule(rateFactor: rates.scales, decays: true)
    }
}

extension Tensor {
    /// The rows of a matrix `[C, d]` stretched linearly to `[C, d · factor]` between the centers of their samples; the
    /// first and the last sample continue outside. The factor is 1 or even.
    fileprivate func stretched(by factor: Int) -> Tensor {
        guard factor > 1 else { return self }
        let (rows, size) = (shape[0], shape[1])
        func columns(_ range: Range<Int>) -> Tensor { slice(alongAxis: 1, range) }
        let before = Tensor.concatenated([columns(0..<1), columns(0..<size - 1)], alongAxis: 1)
        let after = Tensor.concatenated([columns(1..<size), columns(size - 1..<size)], alongAxis: 1)
        let neighbors = Tensor.concatenated(
            [before, self, after].map { $0.reshaped(to: [rows, size, 1]) }, alongAxis: 2)
        // Sample j of a stretched one lies at (j + 1/2) / factor - 1/2 from its center.
        let weights = (0..<factor).flatMap { index -> [Float] in
            let place = (Double(index) + 0.5) / Double(factor) - 0.5
            return [max(0, -place), 1 - abs(place), max(0, place)].map(Float.init)
        }
        return neighbors.reshaped(to: [rows * size, 3])
            .pointwise(weight: Tensor(shape: [factor, 3], scalars: weights))
            .reshaped(to: [rows, size * factor])
    }
}
