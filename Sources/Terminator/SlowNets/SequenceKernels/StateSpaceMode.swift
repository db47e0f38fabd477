import Foundation

/// A mode of a state space and what follows from it.
struct StateSpaceMode: Sendable {
    /// d and A.
    let step: Double, pole: ComplexNumber
    /// exp(λ) and exp(b λ).
    let factor, blockFactor: ComplexNumber
    /// d φ(λ), G, and its derivative by λ; all divided by the ratio of steps.
    let hold, gain, gainSlope: ComplexNumber

    init(
        step: Double, decay: Double, frequency: Double, output: ComplexNumber, stepRatio: Double,
        blockLength: Int
    ) {
        self.step = step
        pole = ComplexNumber(-decay, frequency)
        let exponent = pole * step
        factor = exponent.exponential
        blockFactor = (exponent * Double(blockLength)).exponential
        let (value, slope) = exponent.exponentialQuotient
        hold = value * (step / stepRatio)
        gain = output * hold
        gainSlope = output * slope * (step / stepRatio)
    }
}

/// A complex number.
struct ComplexNumber: Sendable {
    let real, imaginary: Double

    init(_ real: Double, _ imaginary: Double) {
        self.real = real
        self.imaginary = imaginary
    }

    static func + (left: Self, right: Self) -> Self {
        Self(left.real + right.real, left.imaginary + right.imaginary)
    }

    static func * (left: Self, right: Double) -> Self { Self(left.real * right, left.imaginary * right) }

    static func * (left: Self, right: Self) -> Self {
        Self(
            left.real * right.real - left.imaginary * right.imaginary,
            left.real * right.imaginary + left.imaginary * right.real)
    }

    var reciprocal: Self {
        let square = real * real + imaginary * imaginary
        return Self(real / square, -imaginary / square)
    }

    var exponential: Self { Self(cos(imaginary), sin(imaginary)) * exp(real) }

    /// φ(z) = (exp(z) - 1) / z and its derivative (exp(z) - φ(z)) / z.
    ///
    /// Near 0, where both cancel, their series: Σ z^k / (k + 1)! and Σ (k + 1) z^k / (k + 2)!. Below 0.05 the first terms left
    /// out, z⁸ / 9! and z⁷ / 45360, are less than 10⁻¹³ of the sums; above, cancellation costs two digits of sixteen.
    var exponentialQuotient: (value: Self, slope: Self) {
        guard real * real + imaginary * imaginary < 0.05 * 0.05 else {
            // e^x cos y - 1 = (e^x - 1) cos y - 2 sin²(y / 2) keeps the digits of a small x.
            let half = sin(imaginary / 2)
            let difference = Self(
                expm1(real) * cos(imaginary) - 2 * half * half, exp(real) * sin(imaginary))
            let value = difference * reciprocal
            return (value, (exponential + value * -1) * reciprocal)
        }
        var (value, slope) = (Self(0, 0), Self(0, 0))
        for divisor in [40320.0, 5040, 720, 120, 24, 6, 2, 1] { value = value * self + Self(1 / divisor, 0) }
        for divisor in [5760.0, 840, 144, 30, 8, 3, 2] { slope = slope * self + Self(1 / divisor, 0) }
        return (value, slope)
    }
}
