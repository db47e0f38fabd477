/// The distribution of a slow net's frequencies at initialization.
public enum FrequencyDistribution: Sendable, Equatable {
    /// The authors': uniform in ±1/√D, times 2π·omega, times a Gamma variate of shape 6 / (l + 1) for filter l.
    ///
    /// With their omega of 2000 the phases reach 10⁵ and neighboring samples of a kernel are unrelated.
    case gamma(omega: Float)
    /// Uniform, with no frequency of a kernel above `fraction` of its grid's Nyquist frequency.
    ///
    /// The product of L + 1 sines holds the sums of their frequencies, so each filter gets the (L + 1)th part of
    /// the Nyquist frequency π (n - 1) / 2 of an axis with n samples over -1...1. For ``SIREN``,
    /// ``FourierFeatureNetwork`` and ``HyenaFilter`` the initializers state what the fraction scales.
    case belowNyquist(fraction: Float)

    /// π (n - 1) / 2: the frequency, in radians per unit of the coordinate, whose samples on an axis of n points over
    /// -1...1 alternate. Higher ones cannot be told from lower ones.
    static func nyquist(extent: Int) -> Float { .pi / 2 * Float(extent - 1) }
}
