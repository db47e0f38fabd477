import Foundation

/// A mode of a state space and what follows from it.
struct StateSpaceMode: Sendable {
    /// d, A and C.
    let step: Double, pole, output: ComplexNumber
    /// exp(λ) and exp(b λ).
    let factor, blockFactor: ComplexNumber
    /// 1 / A, (exp(λ) - 1) / A and G; all divided by the ratio of steps.
    let reciprocal, hold, gain: ComplexNumber

    init(
        step: Double, decay: Double, frequency: Double, output: ComplexNumber, stepRatio: Double,
        blockLength: Int
    ) {
        self.step = step
        self.output = output
        pole = ComplexNumber(-decay, frequency)
        let exponent = pole * step
        factor = exponent.exponential
        blockFactor = (exponent * Double(blockLength)).exponential
        reciprocal = pole.reciprocal * (1 / stepRatio)
        hold = exponent.exponentialMinusOne * reciprocal
        gain = output * hold
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

    /// exp(z) - 1 without cancellation near 0: e^x cos y - 1 = (e^x - 1) cos y - 2 sin²(y / 2).
    var exponentialMinusOne: Self {
        let half = sin(imaginary / 2)
        return Self(expm1(real) * cos(imaginary) - 2 * half * half, exp(real) * sin(imaginary))
    }
}
