import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Hyena's filter, kernels of several scales and free taps: their starts, and what the golden tensors do not say.
@Suite struct SequenceKernelTests {
    /// The largest of n numbers uniform in ± bound stays below 1 - t of it with probability (1 - t)ⁿ: with t = 20 / n,
    /// e⁻²⁰.
    private func isUniform(_ tensor: Tensor, bound: Float) -> Bool {
        let largest = tensor.scalars.map(abs).max()!
        return largest <= bound && largest >= bound * (1 - 20 / Float(tensor.count))
    }

    /// The defaults of PyTorch's linear layers, 16 bands or as many as half the samples, and an ω of 14 for 2048 samples.
    @Test func hyenaStartsAsPublished() {
        var numbers = seededNumbers()
        let size = SlowNetSize(hidden: 64, layers: 2)
        let net = HyenaFilter(extents: [300], outputs: 48, size: size, using: &numbers)
        #expect(net.first.weight.shape == [64, 33] && net.linears.count == 2)
        #expect(isUniform(net.first.weight, bound: 1 / Float(33).squareRoot()))
        for linear in net.linears {
            #expect(isUniform(linear.weight, bound: 0.125) && isUniform(linear.bias!, bound: 0.125))
        }
        #expect(isUniform(net.output.weight, bound: 0.125) && net.output.bias == nil)
        func factors(_ extent: Int, fraction: Float = 1) -> Set<Float> {
            Set(
                HyenaFilter(extents: [extent], outputs: 1, size: size, fraction: fraction, using: &numbers)
                    .frequencies.scalars)
        }
        #expect(factors(4096) == [14] && factors(2048) == [14] && factors(1024) == [7] && factors(9) == [1])
        #expect(factors(1024, fraction: 0.5) == [3.5] && net.frequencies.count == 64)
        func bands(_ extent: Int) -> Int {
            HyenaFilter(extents: [extent], outputs: 1, size: size, using: &numbers).bands
        }
        #expect([1, 3, 4, 20, 32, 33].map(bands) == [1, 1, 2, 10, 16, 16])
    }

    /// As many scales as the longer side needs, and each kernel of the norm 1 while nothing is cut off.
    @Test(arguments: [
        (64, 8, GlobalInteraction.Alignment.causal, 4), (65, 8, .causal, 5), (8, 8, .causal, 1),
        (5, 8, .causal, 1), (9, 1, .causal, 5), (128, 8, .centred, 4), (1, 4, .centred, 1),
    ])
    func multiscaleStartsWithNormOne(
        extent: Int, size: Int, alignment: GlobalInteraction.Alignment, count: Int
    ) {
        var numbers = seededNumbers(2)
        let net = MultiscaleKernel(
            extents: [extent], outputs: 40, size: size, alignment: alignment, using: &numbers)
        #expect(net.scales.count == count)
        #expect(
            net.scales.allSatisfy { $0.shape == [alignment == .causal ? 40 : 80, min(size, max(1, extent))] })
        let squares = net.kernel().squared().sum(overAxes: [1]).scalars
        guard [64, 8, 5, 128].contains(extent) else {
            // Cut off.
            #expect(squares.allSatisfy { $0 <= 2.001 })
            return
        }
        // Sums of up to 128 squares of magnitudes up to 1, three products and sums in each, in float.
        let sides: Float = alignment == .causal ? 1 : 2
        #expect(squares.allSatisfy { abs($0 - sides) <= sides * 32 * .ulpOfOne })
        // The parameters are the drawn numbers times a factor near 1: variance 1 on the average.
        let all = net.scales.flatMap(\.scalars)
        let variance = all.reduce(0) { $0 + Double($1 * $1) } / Double(all.count)
        #expect(abs(variance - 1) <= 0.3, "\(variance)")
    }

    /// The golden tensors stretch by up to 16 samples; here against interpolation at the samples' places, with an odd
    /// size and a size of 1.
    @Test(arguments: [1, 5]) func stretchesBetweenCenters(size: Int) {
        var numbers = seededNumbers(3)
        let net = MultiscaleKernel(
            extents: [size * 8], outputs: 1, size: size, decay: 1, using: &numbers)
        #expect(net.scales.count == 4)
        let norm = Double(net.inverseNorms.scalars[0])
        let expected = net.scales.enumerated().flatMap { scale, samples in
            let factor = [1, 1, 2, 4][scale]
            return (0..<size * factor).map { index -> Double in
                let place = (Double(index) + 0.5) / Double(factor) - 0.5
                let bounded = min(max(place, 0), Double(size - 1))
                let left = Int(bounded)
                let share = bounded - Double(left)
                let values = samples.scalars.map(Double.init)
                return norm * ((1 - share) * values[left] + share * values[min(left + 1, size - 1)])
            }
        }
        // Two products and a sum, the norm's product, and the weights' own roundings: eight of ε / 2.
        let tolerance = 8 * floatEpsilon / 2 * largestMagnitude(expected)
        #expect(largestDifference(net.kernel().scalars, expected) <= tolerance)
    }

    @Test func tapsStartAsPublished() {
        var numbers = seededNumbers(4)
        let net = ExplicitKernel(extents: [100], outputs: 50, using: &numbers)
        let square = Double(net.kernel.squared().mean().scalar) / (0.002 * 0.002)
        // The mean of 5000 squares has the relative deviation √(2 / 5000); five of them.
        #expect(abs(square - 1) <= 5 * (2.0 / 5000).squareRoot())
    }

    /// The mean over squares of samples, zeros outside, and the squashed magnitudes.
    @Test(arguments: [3, 5], [Float(0), 0.1]) func tapsOfPlanesAreSmoothedOverSquares(
        smoothing: Int, threshold: Float
    ) {
        var numbers = seededNumbers(5)
        var net = ExplicitKernel(
            extents: [4, 6], outputs: 2, smoothing: smoothing, threshold: threshold, using: &numbers)
        net.kernel = numbers.tensor([2, 4, 6])
        let taps = net.kernel.scalars.map(Double.init)
        let reach = smoothing / 2
        var expected: [Double] = []
        for (channel, row, column) in (0..<2).flatMap({ c in
            (0..<4).flatMap { r in (0..<6).map { (c, r, $0) } }
        }) {
            var sum = 0.0
            for i in max(0, row - reach)...min(3, row + reach) {
                for j in max(0, column - reach)...min(5, column + reach) {
                    sum += taps[(channel * 4 + i) * 6 + j]
                }
            }
            let mean = sum / Double(smoothing * smoothing)
            expected.append((mean < 0 ? -1 : 1) * max(0, abs(mean) - Double(threshold)))
        }
        // Up to 25 products of numbers below 5, and their sums.
        let tolerance = 50 * floatEpsilon / 2 * 5
        #expect(largestDifference(net.kernel().scalars, expected) <= tolerance)
        #expect((largestMagnitude(expected) > 0) && (threshold == 0 || expected.contains(0)))
    }

    /// Smoothing and threshold are those of the configuration.
    @Test func optionsReachTheKernel() throws {
        var configuration = smallConfiguration()
        configuration.globalSlowNet = .explicit
        configuration.globalKernel.smoothing = 5
        configuration.globalKernel.threshold = 0.25
        let net = try #require(network(configuration).blocks[1].globalSlowNet as? ExplicitKernel)
        #expect(net.smoothing == 5 && net.threshold == 0.25)
    }

    /// Smoothed and squashed taps, away from the kinks.
    @Test(arguments: [[9], [4, 5]]) func gradientsOfSmoothedTaps(extents: [Int]) {
        var numbers = seededNumbers(6)
        var net = ExplicitKernel(
            extents: extents, outputs: 2, smoothing: 3, threshold: 0.01, using: &numbers)
        net.kernel = numbers.tensor(net.kernel.shape, deviation: 0.1) + 2
        #expect(
            net.gradientMismatches(inputs: [], step: 0x1p-6, roundings: 64) { net, _ in net.kernel() } == [])
    }

    /// Kernels of one dimension in two, and what no kernel has.
    @Test func wrongSizesTrap() async {
        let plane = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = SlowNetKind.diagonalStateSpace.slowNet(
                extents: [4, 4], outputs: 1, size: SlowNetSize(hidden: 2, layers: 1), using: &numbers)
        }
        #expect(
            says(
                "expected one extent of at least 1, and at least 1 mode, got [4, 4]",
                plane?.standardErrorContent))
        let embedding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = HyenaFilter(
                extents: [4], outputs: 1, size: SlowNetSize(hidden: 2, layers: 1), embedding: 4,
                using: &numbers)
        }
        #expect(says("an odd embedding of at least 3, got [4] and 4", embedding?.standardErrorContent))
        let scales = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = MultiscaleKernel(extents: [4], outputs: 1, size: 0, using: &numbers)
        }
        #expect(says("at least 1 sample and scale", scales?.standardErrorContent))
        let smoothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = ExplicitKernel(extents: [4], outputs: 1, smoothing: 2, using: &numbers)
        }
        #expect(says("an odd number of samples to smooth over", smoothing?.standardErrorContent))
    }
}
