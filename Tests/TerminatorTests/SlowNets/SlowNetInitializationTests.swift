import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// New slow nets have the distributions of their sources.
@Suite struct SlowNetInitializationTests {
    private let size = SlowNetSize(hidden: 256, layers: 3)

    /// The largest of n numbers uniform in ± bound stays below 1 - t of it with probability (1 - t)ⁿ: with t = 20 /
    /// n, e⁻²⁰.
    private func isUniform(_ tensor: Tensor, bound: Float) -> Bool {
        let largest = tensor.scalars.map(abs).max()!
        return largest <= bound && largest >= bound * (1 - 20 / Float(tensor.count))
    }

    /// Sitzmann et al., section 3.2: each sum of sines has unit variance, at every depth.
    @Test(arguments: [[512], [24, 32]])
    func sirenKeepsItsDistribution(extents: [Int]) {
        var numbers = seededNumbers()
        let net = SIREN(extents: extents, outputs: 1, size: size, using: &numbers)
        #expect(isUniform(net.first.weight, bound: 1))
        #expect(isUniform(net.first.bias!, bound: .pi))
        for linear in net.linears {
            #expect(isUniform(linear.weight, bound: (6 / Float(256)).squareRoot() / 30))
        }
        let points = CoordinateGrid(extents: extents)
        let frequencies = Tensor(shape: [1, extents.count], scalars: net.highestFrequencies)
        var hidden = Tensor.sineOfPhases(
            coordinates: points, weight: net.first.weight * frequencies, bias: net.first.bias!)
        for linear in net.linears {
            let sums = hidden.pointwise(weight: linear.weight * 30, bias: linear.bias)
            let square = sums.squared().mean().scalar
            // 256 channels of a random variance: 1 ± 0.09 at one deviation, more as depths add up.
            #expect(abs(square - 1) < 0.4, "\(square)")
            hidden = sums.sine()
        }
    }

    /// ω₀ has no influence on what the network starts as.
    @Test func sirensFactorCancels() {
        func net(factor: Float) -> SIREN {
            var numbers = RandomNumbers(seed: 3)
            return SIREN(extents: [40], outputs: 2, size: size, hiddenFactor: factor, using: &numbers)
        }
        let (one, thirty) = (net(factor: 1), net(factor: 30))
        // A weight is rounded when it is drawn, when it is divided by the factor and when it is multiplied; its product
        // with a sine, the sine and the sum (in several partial ones) round once to a few times: about 8 for each net.
        let error = one.roundingError(roundings: 16) { net, _ in net.kernel() }
        #expect(largestDifference(one.kernel(), thirty.kernel()) <= error)
    }

    @Test(arguments: [[64], [9, 17]], [Float(1), 0.5])
    func sirensFrequenciesAreAShareOfNyquists(extents: [Int], fraction: Float) {
        var numbers = seededNumbers(2)
        let net = SIREN(extents: extents, outputs: 1, size: size, fraction: fraction, using: &numbers)
        let expected = extents.map { fraction * .pi / 2 * Float($0 - 1) / 4 }
        for (found, expected) in zip(net.highestFrequencies, expected) {
            // Each of the two formulas has four operations that round.
            #expect(abs(found - expected) <= 8 * .ulpOfOne / 2 * expected)
        }
    }

    /// Envelopes lie anywhere on the grid, and their precisions have the mean 6 / (L + 1) and as large a variance.
    @Test func gaborEnvelopes() {
        var numbers = seededNumbers(4)
        let filter = GaborFilter(
            hidden: 4096, extents: [8, 8], index: 0, filterCount: 4, frequencies: .belowNyquist(fraction: 1),
            using: &numbers)
        #expect(isUniform(filter.center, bound: 1))
        #expect(isUniform(filter.sine.bias, bound: .pi))
        let precisions = filter.sharpness.scalars.map { $0 * $0 }
        let mean = precisions.reduce(0, +) / 4096
        // √1.5 / √4096 is one deviation of the mean.
        #expect(abs(mean - 1.5) <= 5 * Float(1.5).squareRoot() / 64)
        #expect(filter.sharpness.scalars.allSatisfy { $0 > 0 })
    }

    /// sin(w·x + b) exp(-s² |x - c|² / 2), written out.
    @Test(arguments: [[9], [4, 5]])
    func gaborFiltersAreThoseOfTheDefinition(extents: [Int]) {
        var numbers = seededNumbers(5)
        let filter = GaborFilter(
            hidden: 3, extents: extents, index: 0, filterCount: 1, frequencies: .belowNyquist(fraction: 1),
            using: &numbers)
        let axes = extents.count
        let grid = CoordinateGrid(extents: extents)
        let (weight, bias) = (filter.sine.weight.scalars, filter.sine.bias.scalars)
        let (center, sharpness) = (filter.center.scalars, filter.sharpness.scalars)
        let points = (0..<grid.count).map { point in
            extents.indices.map { axis in
                grid.coordinates(alongAxis: axis)[
                    point / extents[(axis + 1)...].reduce(1, *) % extents[axis]]
            }
        }
        let expected = (0..<3).flatMap { channel in
            points.map { point -> Double in
                var phase = Double(bias[channel])
                var square = 0.0
                for (axis, x) in point.enumerated() {
                    phase += Double(weight[channel * axes + axis]) * x
                    square += pow(x - Double(center[channel * axes + axis]), 2)
                }
                return sin(phase) * exp(-pow(Double(sharpness[channel]), 2) * square / 2)
            }
        }
        // In halves of ε: a phase is the sum of a bias and a product for each axis, each of at most the sum of their
        // magnitudes. The derivative of exp(-t²/2), with t = s (x - c), is at most 0.61 in t, and that of exp(-e) times
        // e at most 0.37: x has one rounding of at most 1, which counts s times, and an exponent three for each axis.
        // The sine, the exponential and their product have two each at most.
        let largestPhase = (0..<3).map { channel in
            abs(Double(bias[channel]))
                + (0..<axes).reduce(0) { $0 + abs(Double(weight[channel * axes + $1])) }
        }.max()!
        let largestSharpness = Double(sharpness.map(abs).max()!)
        let halves =
            Double(2 * axes + 1) * largestPhase + Double(axes) * (0.61 * largestSharpness + 3 * 0.37) + 6
        #expect(largestDifference(filter(grid).scalars, expected) <= halves * floatEpsilon / 2)
    }

    /// A twelfth of each axis's Nyquist frequency is the deviation; cosines and sines have the same frequencies.
    @Test(arguments: [Float(1), 0.25])
    func fourierFeaturesAreNormal(fraction: Float) {
        var numbers = seededNumbers(6)
        let net = FourierFeatureNetwork(
            extents: [65, 9], outputs: 1, size: SlowNetSize(hidden: 512, layers: 1), fraction: fraction,
            using: &numbers)
        #expect(net.frequencies.shape == [512, 2])
        let (cosines, sines) = (
            net.frequencies.slice(alongAxis: 0, 0..<256), net.frequencies.slice(alongAxis: 0, 256..<512)
        )
        #expect(cosines.scalars == sines.scalars)
        for (axis, extent) in [65, 9].enumerated() {
            let square = cosines.slice(alongAxis: 1, axis..<axis + 1).squared().mean().scalar
            let deviation = fraction * .pi / 2 * Float(extent - 1) / 12
            // The mean of 256 squares has the relative deviation √(2 / 256); five of them.
            #expect(abs(square / (deviation * deviation) - 1) <= 5 * Float(2.0 / 256).squareRoot())
        }
    }

    /// 8 levels from 4 cells to one a step; fewer where short axes make them equal; hashed where there are more
    /// vertices than rows.
    @Test func hashGridLevels() {
        var numbers = seededNumbers(7)
        func net(_ extents: [Int]) -> HashGridNetwork {
            HashGridNetwork(
                extents: extents, outputs: 1, size: SlowNetSize(hidden: 8, layers: 1), largestTable: 1000,
                using: &numbers)
        }
        let long = net([257])
        #expect(long.cells.map { $0[0] } == [4, 7, 13, 23, 43, 78, 141, 256])
        #expect(long.tables.map(\.shape) == long.cells.map { [$0[0] + 1, 2] })
        let plane = net([65, 33])
        #expect(plane.cells.first! == [4, 4] && plane.cells.last! == [64, 32])
        #expect(plane.tables.last!.shape == [1000, 2])
        #expect(net([1]).cells == [[1]])
        #expect(net([5]).cells == [[4]])
        for table in plane.tables { #expect(isUniform(table, bound: 1e-4)) }
    }
}
