import Tensors

/// sin(weight · x + bias) · exp(-sharpness² |x - center|² / 2): a sine under a Gaussian envelope.
///
/// Source: R. Fathony et al., *Multiplicative Filter Networks*, ICLR 2021, equation 10. Its precision γ is the square
/// of the sharpness here, so that training cannot make it negative.
public struct GaborFilter: CoordinateFilter {
    /// The sine: `weight` `[h, D]` and `bias` `[h]`.
    public var sine: SineFilter
    /// `[h, D]`, the centers of the envelopes.
    public var center: Tensor
    /// `[h]`, the reciprocal widths of the envelopes.
    public var sharpness: Tensor

    /// Filter number `index` of `filterCount`: centers uniform over the grid, precisions from the Gamma distribution
    /// of shape 6 / `filterCount`, as in the source's experiments with images.
    init(
        hidden: Int, extents: [Int], index: Int, filterCount: Int, frequencies: FrequencyDistribution,
        using randomNumbers: inout RandomNumbers
    ) {
        sine = SineFilter(
            hidden: hidden, extents: extents, index: index, filterCount: filterCount,
            frequencies: frequencies, phases: .uniform(bound: .pi), using: &randomNumbers)
        center = Tensor(shape: [hidden, extents.count], uniformIn: -1..<1, using: &randomNumbers)
        sharpness = Tensor(shape: [hidden]) { scalars in
            for index in scalars.indices {
                scalars[index] = Float(randomNumbers.gamma(shape: 6 / Double(filterCount)).squareRoot())
            }
        }
    }

    /// The filter on a grid: `[1, h, *S]`.
    public func callAsFunction(_ grid: CoordinateGrid) -> Tensor {
        // The envelope is a product over the axes.
        grid.extents.indices.reduce(sine(grid)) { $0 * envelope(grid, alongAxis: $1) }
    }

    /// exp(-sharpness² (x - center)² / 2) for the coordinates x of one axis: `[1, h, *S]` with extents of 1 elsewhere.
    private func envelope(_ grid: CoordinateGrid, alongAxis axis: Int) -> Tensor {
        let ones = Array(repeating: 1, count: grid.extents.count)
        var extents = ones
        extents[axis] = grid.extents[axis]
        let coordinates = Tensor(
            shape: [1, 1] + extents, scalars: grid.coordinates(alongAxis: axis).map(Float.init))
        let perChannel = [1, sharpness.count] + ones
        let center = center.slice(alongAxis: 1, axis..<axis + 1).reshaped(to: perChannel)
        return (((coordinates - center) * sharpness.reshaped(to: perChannel)).squared() * -0.5).exponential()
    }

    /// Visits `weight` and `bias` of the sine, `center` and `sharpness`.
    public mutating func forEachParameterPath(_ body: (FilterPath, inout Tensor) throws -> Void) rethrows {
        try sine.forEachParameterPath(body)
        try body(.center, &center)
        try body(.sharpness, &sharpness)
    }
}
