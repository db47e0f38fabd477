import TestSupport
import Testing

@testable import Convolution

/// Both centers of kernels of even length are windows of the full convolution.
@Suite struct CenterTests {
    @Test(arguments: [Orientation.convolution, .correlation], [Center.upper, .lower])
    func windowsOfTheFullConvolution(_ orientation: Orientation, _ center: Center) throws {
        var generator = SplitMix64.announced(seed: 0x146)
        for length in [1, 2, 7, 40, 300] {
            for kernelLength in [1, 2, 3, 8, 26, 40, 301] {
                let (x, k): ([Double], [Double]) = (
                    randomScalars(length, using: &generator), randomScalars(kernelLength, using: &generator)
                )
                let full = try LongConvolution<Double>(
                    length: length, kernelLength: kernelLength, boundary: .full, orientation: orientation)(
                        x, k)
                let y = try LongConvolution<Double>(
                    length: length, kernelLength: kernelLength, boundary: .centred, center: center,
                    orientation: orientation)(x, k)
                let first = center == .upper ? kernelLength / 2 : (kernelLength - 1) / 2
                let error = distance(y, full[first..<first + length])
                #expect(
                    error <= 2 * transformTolerance(Double.self, points: length + kernelLength) * norm(x)
                        * norm(k), "\(length) by \(kernelLength)")
            }
        }
    }

    @Test func planes() throws {
        var generator = SplitMix64.announced(seed: 0x147)
        for (kernelHeight, kernelWidth) in [(4, 6), (3, 4), (10, 9), (12, 20)] {
            let x: [Double] = randomScalars(12 * 20, using: &generator)
            let k: [Double] = randomScalars(kernelHeight * kernelWidth, using: &generator)
            func convolution(_ boundary: Boundary, _ center: Center) throws -> LongConvolution<Double> {
                try LongConvolution(
                    height: 12, width: 20, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
                    boundary: boundary, center: center)
            }
            let full = try convolution(.full, .upper)(x, k)
            let lower = try convolution(.centred, .lower)(x, k)
            let (top, left, width) = ((kernelHeight - 1) / 2, (kernelWidth - 1) / 2, 20 + kernelWidth - 1)
            var window: [Double] = []
            for row in 0..<12 {
                let start = (row + top) * width + left
                window += full[start..<start + 20]
            }
            #expect(
                distance(lower, window) <= 2 * transformTolerance(Double.self, points: 32 * 40) * norm(x)
                    * norm(k))
        }
    }
}
