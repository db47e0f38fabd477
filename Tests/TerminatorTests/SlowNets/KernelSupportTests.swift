import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Kernels under narrow windows are convolved without the taps that round to nothing.
@Suite struct KernelSupportTests {
    typealias Alignment = GlobalInteraction.Alignment

    /// A window of three channels with the given widths along each axis.
    private func window(_ widths: [[Float]]) -> GaussianWindow {
        var window = GaussianWindow(channels: widths.count, axes: widths[0].count, width: 1)
        window.logWidths = Tensor(
            shape: [widths.count, widths[0].count], scalars: widths.flatMap { $0.map { log($0) } })
        return window
    }

    /// What is left out lies below the threshold in every channel, and one sample less would not.
    @Test(arguments: [Alignment.causal, .centred], [1, 2, 9, 64, 301])
    func rows(alignment: Alignment, extent: Int) {
        for width in [1e-6, 0.01, 0.05, 0.1, 0.17, 0.3, 4] as [Float] {
            let distances = LagDistances(extents: [extent], alignment: alignment)
            let window = window([[width / 2], [width], [width / 3]])
            let support = window.support(distances)[0]
            #expect(1...extent ~= support)
            let factors = distances.alongAxis(0).map { exp(-$0 * $0 / (2 * Double(width) * Double(width))) }
            let isKept = kept(support, of: extent, alignment)
            for (factor, isKept) in zip(factors, isKept) where !isKept {
                // The logarithm of the width is rounded, which the exponent, of at most 17, multiplies.
                #expect(factor < Double(GaussianWindow.threshold) * (1 + 40 * floatEpsilon))
            }
            let shorter = alignment == .causal ? support - 1 : support - 2
            guard shorter >= 1, support < extent else { continue }
            let isKeptByShorter = kept(shorter, of: extent, alignment)
            #expect(
                zip(factors, isKeptByShorter).contains {
                    !$1 && $0 > Double(GaussianWindow.threshold) * (1 - 40 * floatEpsilon)
                }, "\(extent) samples, width \(width): \(support)")
        }
    }

    private func kept(_ support: Int, of extent: Int, _ alignment: Alignment) -> [Bool] {
        let start = alignment == .causal || support == extent ? 0 : extent / 2 - support / 2
        return (0..<extent).map { start..<start + support ~= $0 }
    }

    /// Each axis has its own, and so have nets under windows; other windows and nets without one have all samples.
    @Test func planesAndNets() {
        let distances = LagDistances(extents: [21, 41], alignment: .centred)
        let support = window([[0.05, 10], [0.02, 0.01]]).support(distances)
        #expect(support[0] < 21 && support[0] % 2 == 1 && support[1] == 41)
        #expect(ExponentialWindow(channels: 2, ExponentialDecay()).support(distances) == [21, 41])
        for width in [0.02, 5] as [Float] {
            var options = GlobalKernelOptions()
            options.window = .gaussian(width: width)
            var numbers = RandomNumbers(seed: 1)
            let net = SlowNetKind.siren.slowNet(
                extents: [64], outputs: 2, size: SlowNetSize(hidden: 4, layers: 1),
                frequencies: .belowNyquist(fraction: 0.2), alignment: .causal, options: options,
                using: &numbers)
            #expect((net.support(extents: [64])[0] < 64) == (width < 1))
            #expect((net.support(extents: [128])[0] < 128) == (width < 1))
        }
    }

    /// The convolution with what is left is that with the whole kernel, and so are its gradients.
    @Test(arguments: [[48], [49], [12, 17]], [Alignment.causal, .centred])
    func convolvesAsTheWholeKernel(extents: [Int], alignment: Alignment) {
        guard alignment == .centred || extents.count == 1 else { return }
        var numbers = seededNumbers(4)
        let distances = LagDistances(extents: extents, alignment: alignment)
        let window = window([extents.map { _ in 0.08 }, extents.map { _ in 0.06 }])
        let support = window.support(distances)
        #expect(zip(support, extents).allSatisfy { $0 < $1 })
        let shape = [3, 2] + extents
        let operands = Operands(tensors: [numbers.tensor(shape), numbers.tensor(shape)])
        let (factors, upstream) = (window(distances), numbers.tensor(shape))
        func results(_ support: [Int]?) -> [Tensor] {
            let (_, gradient, output) = valueAndGradient(at: operands) {
                let output = GlobalInteraction.convolution(alignment)(
                    [$0.tensors[0]], contextKernel: $0.tensors[1] * factors, support: support)[0]
                return ((output * upstream).sum(), output.detached)
            }
            return [output, gradient["0"], gradient["1"]]
        }
        // Both are convolutions by transforms of at most 4 points a sample; a transform's error is at most ε log2 N of the
        // norms' product, and three make a convolution. What is left out is below the rounding of a tap.
        let (signal, kernel) = (norm(operands.tensors[0]), norm(operands.tensors[1] * factors))
        let rounding = 2 * 3 * floatEpsilon * log2(Double(4 * extents.reduce(1, *)))
        let scales = [signal * kernel, kernel * norm(upstream), signal * norm(upstream)]
        for (scale, (cropped, whole)) in zip(scales, zip(results(support), results(nil))) {
            #expect(largestDifference(cropped.scalars, whole.scalars.map(Double.init)) <= rounding * scale)
        }
    }

    private func norm(_ tensor: Tensor) -> Double {
        tensor.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
}
