import Tensors

/// The sinusoidal filter sin(weight · x + bias).
///
/// Source: R. Fathony et al., *Multiplicative Filter Networks*, ICLR 2021, equation 8.
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
        Tensor.sineOfPhases(coordinates: grid, weight: weight, bias: bias)
    }

    /// Visits `weight` and `bias`.
    public mutating func forEachParameterPath(_ body: (FilterPath, inout Tensor) throws -> Void) rethrows {
        try body(.weight, &weight)
        try body(.bias, &bias)
    }
}
