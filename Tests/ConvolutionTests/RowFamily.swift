import Foundation

@testable import Convolution

/// Rows that drive a transform or the fold before it to the largest values that their norm allows, or make results
/// cancel to almost nothing.
enum RowFamily: String, CaseIterable, Sendable {
    /// Everything at frequency 0, or near the lowest root of z^M = i.
    case constant
    /// Everything at the highest frequency.
    case alternating
    /// The same magnitude at all frequencies.
    case impulse
    /// An impulse at the end: products with another of its kind wrap around the ring.
    case lastImpulse
    case ramp
    /// Everything at the frequency of one root of z^M = i with 2M points.
    case tone
    /// Few elements, far from each other: a fold adds up all of them.
    case comb
    case random
    /// Noise on a large constant.
    case offset
    /// Noise beside a large impulse.
    case spike
    /// Every other number is subnormal.
    case denormals
    /// Magnitudes from 1 down to the square root of the least normal one.
    case dynamic

    func row<Scalar: ConvolutionScalar>(
        _ count: Int, using generator: inout some RandomNumberGenerator
    ) -> [Scalar] {
        let noise: [Scalar] = randomScalars(count, using: &generator)
        return (0..<count).map { index in
            switch self {
            case .constant: 1
            case .alternating: index.isMultiple(of: 2) ? 1 : -1
            case .impulse: index == 0 ? 1 : 0
            case .lastImpulse: index == count - 1 ? 1 : 0
            case .ramp: Scalar(index + 1) / Scalar(count)
            case .tone:
                Scalar(Float(cos(Double.pi * (2 * Double(count / 5) + 0.5) * Double(index) / Double(count))))
            case .comb: index.isMultiple(of: (count + 15) / 16) ? 1 : 0
            case .random: noise[index]
            case .offset: 1e6 + noise[index]
            case .spike: index == count / 3 ? 1e6 : noise[index] * 1e-6
            case .denormals:
                index.isMultiple(of: 2) ? noise[index] : noise[index] * 100 * .leastNonzeroMagnitude
            case .dynamic:
                noise[index]
                    * Scalar(
                        sign: .plus,
                        exponent: Scalar.Exponent(
                            Int(Scalar.leastNormalMagnitude.exponent) / 2 * index / count),
                        significand: 1)
            }
        }
    }
}

/// Numbers times 2^exponent, each rounded once if it is subnormal.
func scaled<Scalar: ConvolutionScalar>(_ numbers: [Scalar], _ exponent: Int) -> [Scalar] {
    numbers.map { Scalar(sign: .plus, exponent: Scalar.Exponent(exponent), significand: $0) }
}
