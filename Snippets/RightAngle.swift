import Convolution
import Foundation

// A causal convolution of 40 samples with a kernel of 32, on a ring of 2M = 72 reals.
let signal = (0..<40).map { Double($0 % 5) - 2 }
let kernel = (0..<32).map { 1 / Double($0 + 1) }
let halfPeriod = 36

typealias Complex = SIMD2<Double>
func product(_ a: Complex, _ b: Complex) -> Complex {
    Complex(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
}

/// The k-th root of z^M = i, to the power n.
func root(_ k: Int, _ n: Int) -> Complex {
    let angle = Double.pi * Double(n * (1 - 4 * k)) / Double(2 * halfPeriod)
    return Complex(cos(angle), sin(angle))
}

/// A row, folded and evaluated at the M roots.
func spectrum(_ row: [Double]) -> [Complex] {
    let x = row + [Double](repeating: 0, count: 2 * halfPeriod - row.count)
    return (0..<halfPeriod).map { k in
        (0..<halfPeriod).reduce(.zero) { $0 + product(Complex(x[$1], x[$1 + halfPeriod]), root(k, $1)) }
    }
}

/// The row whose spectrum is given.
func row(_ spectrum: [Complex]) -> [Double] {
    let folded = (0..<halfPeriod).map { n in
        (0..<halfPeriod).reduce(Complex.zero) { $0 + product(spectrum[$1], root($1, -n)) }
            / Double(halfPeriod)
    }
    return folded.map(\.x) + folded.map(\.y)
}

// Forward: one product a root. Backward: the same with the kernel's spectrum conjugated.
let kernelSpectrum = spectrum(kernel)
let output = Array(row(zip(spectrum(signal), kernelSpectrum).map(product)).prefix(40))
let conjugate = kernelSpectrum.map { Complex($0.x, -$0.y) }
let signalGradient = row(zip(spectrum(output), conjugate).map(product)).prefix(40)

// The engine, with the output for the upstream cotangent.
let convolution = try LongConvolution<Double>(length: 40, kernelLength: 32, boundary: .causal)
let pairing = Pairing.shared(batch: 1, channels: 1)
let expected = try convolution(signal, kernel)
let gradients = try convolution.gradients(signal, kernel: kernel, pairing, upstream: output)

func largestDifference(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
    zip(a, b).map { abs($0 - $1) }.max()!
}
print("same output:", largestDifference(output, expected) < 1e-12)
print("same gradient:", largestDifference(signalGradient, gradients.signal) < 1e-12)
