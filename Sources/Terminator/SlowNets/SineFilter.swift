import Tensors

/// How the frequencies of slow nets are drawn.
public enum FrequencyDistribution: Sendable, Equatable, Codable {
    /// The authors': uniform in ±1/√D, times 2π·omega, times a Gamma variate of shape 6 / (l + 1) for filter l.
    ///
    /// With their omega of 2000 the phases reach 10⁵ and neighboring samples of a kernel are unrelated.
    case gamma(omega: Float)
    /// Uniform, such that a kernel holds no frequency above `fraction` of what its grid can represent.
    ///
    /// The product of L + 1 sines holds the sums of their frequencies, so each filter gets the (L + 1)th part of
    /// the Nyquist frequency π (n - 1) / 2 of an axis with n samples over -1...1. ``SIREN`` and
    /// ``FourierFeatureNetwork`` say what they make of the fraction.
    case belowNyquist(fraction: Float)

    /// π (n - 1) / 2: the frequency, in radians per unit of the coordinate, whose samples on an axis of n points over
    /// -1...1 alternate. Higher ones cannot be told from lower ones.
    static func nyquist(extent: Int) -> Float { .pi / 2 * Float(extent - 1) }
}

/// sin(weight · coordinate + bias): one of the multiplied filters of a slow net.
public struct SineFilter: CoordinateFilter {
    /// `[h, D]`, radians per unit of the coordinates.
    public var weight: Tensor
    /// `[h]`, radians.
    public var bias: Tensor

    /// Filter number `index` of `filterCount` for a kernel of the given extents.
    init(
        hidden: Int, extents: [Int], index: Int, filterCount: Int, frequencies: FrequencyDistribution,
        phases: Initialization = .constant(0), using randomNumbers: inout RandomNumbers
    ) {
        weight = Tensor(shape: [hidden, extents.count]) { weights in
            for row in 0..<hidden {
                for (axis, extent) in extents.enumerated() {
                    weights[row * extents.count + axis] =
                        switch frequencies {
                        case .gamma(let omega):
                            randomNumbers.uniform(in: -1..<1) / Float(extents.count).squareRoot()
                                * 2 * .pi * omega * Float(randomNumbers.gamma(shape: 6 / Double(index + 1)))
                        case .belowNyquist(let fraction):
                            randomNumbers.uniform(in: -1..<1)
                                * fraction * .pi / 2 * Float(extent - 1) / Float(filterCount)
                        }
                }
            }
        }
        bias = phases.tensor(shape: [hidden], using: &randomNumbers)
    }

    /// The filter on a grid: `[1, h, *S]`.
    public func callAsFunction(_ grid: CoordinateGrid) -> Tensor {
        Tensor.sineFilter(coordinates: grid, weight: weight, bias: bias)
    }

    /// Visits `weight` and `bias`.
    public mutating func forEachParameterPath(_ body: (FilterPath, inout Tensor) throws -> Void) rethrows {
        try body(.weight, &weight)
        try body(.bias, &bias)
    }
}
