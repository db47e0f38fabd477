import Convolution
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// The kernels of diagonal state spaces against the formula, the recurrence, and themselves at other steps.
@Suite struct StateSpaceTests {
    private func stateSpace(
        length: Int, channels: Int = 3, modes: Int = 5,
        alignment: GlobalInteraction.Alignment = .causal, using numbers: inout RandomNumbers
    ) -> DiagonalStateSpace {
        var net = DiagonalStateSpace(
            extents: [length], outputs: channels, modes: modes, alignment: alignment, using: &numbers)
        net.disturb(deviation: 0.1, using: &numbers)
        return net
    }

    /// A mode of a channel in double precision: its pole A, what multiplies the state in a step, and C (exp(d A) - 1) / A.
    private func modes(
        _ net: DiagonalStateSpace, channel: Int
    ) -> [(factor: (Double, Double), gain: (Double, Double))] {
        let step = exp(Double(net.logStep.scalars[channel]))
        let count = net.logDecay.shape[1]
        return (0..<count).map { mode in
            let at = channel * count + mode
            let decay = exp(Double(net.logDecay.scalars[at]))
            let frequency = Double(net.frequency.scalars[at])
            let size = exp(-step * decay)
            let factor = (size * cos(step * frequency), size * sin(step * frequency))
            let square = decay * decay + frequency * frequency
            // (factor - 1) / A, A = -decay + i frequency.
            let (x, y) = (factor.0 - 1, factor.1)
            let hold = ((-x * decay + y * frequency) / square, (-y * decay - x * frequency) / square)
            let (c, s) = (Double(net.output.scalars[2 * at]), Double(net.output.scalars[2 * at + 1]))
            return (factor, (c * hold.0 - s * hold.1, c * hold.1 + s * hold.0))
        }
    }

    /// How far rounding may move a sample: a term 2 Re(U V) has two roundings of each of its factors and two products,
    /// and a sum of 2 N of them as many more, all relative to the sum of the terms' magnitudes.
    private func tolerance(_ net: DiagonalStateSpace, channel: Int) -> Double {
        let modes = modes(net, channel: channel)
        let largest = modes.reduce(0.0) { $0 + 2 * hypot($1.gain.0, $1.gain.1) }
        return Double(2 * modes.count + 6) * floatEpsilon / 2 * largest
    }

    /// Lengths that fill their blocks and that do not; 3000 samples of modes of up to 40 radians a unit.
    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 100, 3000])
    func kernelIsTheSumOfItsModes(length: Int) {
        var numbers = seededNumbers()
        let net = stateSpace(length: length, modes: 12, using: &numbers)
        let kernel = net.kernel().scalars
        for channel in 0..<3 {
            var expected = [Double](repeating: 0, count: length)
            for (factor, gain) in modes(net, channel: channel) {
                let (size, angle) = (hypot(factor.0, factor.1), atan2(factor.1, factor.0))
                for index in 0..<length {
                    let (l, power) = (Double(index), pow(size, Double(index)))
                    expected[index] += 2 * power * (gain.0 * cos(l * angle) - gain.1 * sin(l * angle))
                }
            }
            let found = Array(kernel[channel * length..<(channel + 1) * length])
            #expect(largestDifference(found, expected) <= tolerance(net, channel: channel))
        }
    }

    /// x ← exp(d A) x + u and y = 2 Re G x, sample by sample, is the causal convolution with the kernel.
    @Test(arguments: [1, 7, 64, 1000])
    func recurrenceEqualsTheConvolution(length: Int) {
        var numbers = seededNumbers(2)
        let net = stateSpace(length: length, modes: 16, using: &numbers)
        let signal = numbers.tensor([2, 3, length])
        let output = signal.longConvolution(kernel: net.kernel(), boundary: .causal).scalars
        let inputs = signal.scalars
        var expected: [Double] = []
        for row in 0..<6 {
            let modes = modes(net, channel: row % 3)
            var states = modes.map { _ in (0.0, 0.0) }
            for index in 0..<length {
                let input = Double(inputs[row * length + index])
                var sum = 0.0
                for (mode, (factor, gain)) in modes.enumerated() {
                    let (x, y) = states[mode]
                    states[mode] = (factor.0 * x - factor.1 * y + input, factor.0 * y + factor.1 * x)
                    sum += 2 * (gain.0 * states[mode].0 - gain.1 * states[mode].1)
                }
                expected.append(sum)
            }
        }
        let error = largestDifference(output, expected) / largestMagnitude(expected)
        print("\(length) samples: relative error \(error)")
        #expect(error <= 1e-5)
    }

    /// k_d[l] = k_{d/2}[2 l] + k_{d/2}[2 l + 1], and so for thirds: a sample is the integral of the response over it.
    @Test(arguments: [GlobalInteraction.Alignment.causal, .centred], [2, 3])
    func resolutionChangesExactly(alignment: GlobalInteraction.Alignment, times: Int) {
        var numbers = seededNumbers(3)
        let length = 24
        let net = stateSpace(length: length, alignment: alignment, using: &numbers)
        let coarse = net.kernel().scalars
        // The block multiplies by n / n' what a net makes for other extents.
        let fine = (net.kernel(extents: [times * length]) * (1 / Float(times))).scalars
        let sums = coarse.indices.map { index in
            (0..<times).reduce(0.0) { $0 + Double(fine[times * index + $1]) }
        }
        let rows = alignment == .causal ? 3 : 6
        // Of the coarse kernel and of as many samples of the fine one, which are as many times smaller; the factor
        // rounds once more.
        let error = (0..<rows).map { tolerance(net, channel: $0) }.max()! * 3
        #expect(largestDifference(coarse, sums) <= error)
    }

    /// The steps are multiplied by n / n' for every n', and the samples are means: n / n' of them add up to the integral.
    @Test(arguments: [17, 23, 25, 31, 48]) func stepFollowsTheNumberOfSamples(samples: Int) {
        var numbers = seededNumbers(4)
        let net = stateSpace(length: 24, using: &numbers)
        var other = net
        let ratio = 24 / Float(samples)
        other.logStep = other.logStep + Float(log(Double(ratio)))
        let expected = other.kernel(extents: [24]) * (1 / ratio)
        let found = net.kernel(extents: [samples])
        let common = min(24, samples)
        // The logarithm of the step, of magnitude 8 at most, is rounded: a relative change of the step, which acts as one of
        // each lag, and so of phases of at most 24 · 0.2 · 15 radians. Twice that, and the other roundings.
        let phase = 8 * floatEpsilon / 2 * 24 * 0.2 * 15
        for channel in 0..<3 {
            let range = (0..<common)
            func row(_ kernel: Tensor) -> [Float] {
                Array(kernel.slice(alongAxis: 0, channel..<channel + 1).scalars[range])
            }
            let size = tolerance(net, channel: channel) / (16 * floatEpsilon / 2) / Double(ratio) * 2
            #expect(
                largestDifference(row(found), row(expected).map(Double.init))
                    <= size * (2 * phase + 16 * floatEpsilon))
        }
    }

    /// Of a centred kernel, the samples from floor(n/2) on are one state space's, those before another's, reversed.
    @Test(arguments: [1, 2, 9, 10]) func centredKernelsHaveTwoSides(length: Int) {
        var numbers = seededNumbers(5)
        let net = stateSpace(length: length, channels: 1, alignment: .centred, using: &numbers)
        #expect(net.logStep.shape == [2])
        func side(_ row: Int) -> [Float] {
            var side = stateSpace(length: length, channels: 1, using: &numbers)
            side.logStep = net.logStep.slice(alongAxis: 0, row..<row + 1)
            side.logDecay = net.logDecay.slice(alongAxis: 0, row..<row + 1)
            side.frequency = net.frequency.slice(alongAxis: 0, row..<row + 1)
            side.output = net.output.slice(alongAxis: 0, row..<row + 1)
            return side.kernel().scalars
        }
        let expected = side(1).prefix(length / 2).reversed() + side(0).prefix(length - length / 2)
        // Other blocks round otherwise.
        let error = 2 * max(tolerance(net, channel: 0), tolerance(net, channel: 1))
        #expect(largestDifference(net.kernel().scalars, expected.map(Double.init)) <= error)
    }

    /// Where a mode hardly moves, (exp(λ) - 1) / A and its derivative are differences of nearly equal numbers.
    @Test(arguments: [Float(0), 1e-12, 1e-6, 1e-3, 0.1, 1]) func slowModesKeepTheirDigits(decay: Float) {
        var numbers = seededNumbers(9)
        var net = DiagonalStateSpace(extents: [1], outputs: 1, modes: 1, using: &numbers)
        net.logStep = Tensor(shape: [1], scalars: [0])
        net.logDecay = Tensor(shape: [1, 1], scalars: [decay == 0 ? -800 : Float(log(Double(decay)))])
        net.output = Tensor(shape: [1, 1, 2], scalars: [1, 0])
        let (kernel, gradient) = valueAndGradient(at: net) { $0.kernel().sum() }
        // 2 (exp(-a) - 1) / -a and its derivatives by the logarithms: a times that by -a, and with d = 1 that by d is
        // exp(-a). For a small a from the series.
        let a = decay == 0 ? 0 : exp(Double(net.logDecay.scalars[0]))
        let slope = a < 1e-2 ? 0.5 - a / 3 + a * a / 8 - a * a * a / 30 : (1 - exp(-a) * (1 + a)) / (a * a)
        let value = a == 0 ? 1 : -expm1(-a) / a
        // A handful of roundings in float.
        func isClose(_ found: Float, _ expected: Double) -> Bool {
            abs(Double(found) - expected) <= 4 * floatEpsilon * abs(expected)
        }
        #expect(isClose(kernel.scalar, 2 * value))
        #expect(isClose(gradient["logDecay"].scalar, -2 * a * slope))
        #expect(isClose(gradient["logStep"].scalar, 2 * exp(-a)))
        #expect(isClose(gradient["output"].scalars[0], 2 * value))
    }

    /// Channels are computed in parallel, each by itself.
    @Test func bitsDoNotDependOnTheNumberOfThreads() {
        var numbers = seededNumbers(8)
        let net = stateSpace(length: 500, channels: 16, modes: 16, using: &numbers)
        func bits(threads: Int) -> [[Float]] {
            Threads.withCount(threads) {
                let (kernel, gradient) = valueAndGradient(at: net) { $0.kernel().squared().sum() }
                return [net.kernel().scalars, kernel.scalars]
                    + net.parameters.map { gradient[$0.name].scalars }
            }
        }
        #expect(bits(threads: 1) == bits(threads: 4))
    }

    @Test func startsAsPublished() {
        var numbers = seededNumbers(6)
        let net = DiagonalStateSpace(extents: [64], outputs: 4000, modes: 3, using: &numbers)
        let (low, high) = (log(0.001), log(0.1))
        let steps = net.logStep.scalars.map(Double.init)
        #expect(steps.allSatisfy { $0 >= low - 1e-6 && $0 <= high + 1e-6 })
        // A uniform variate's mean has the deviation range / √12 / √n; five of them.
        let mean = steps.reduce(0, +) / 4000
        #expect(abs(mean - (low + high) / 2) <= 5 * (high - low) / Double(12 * 4000).squareRoot())
        #expect(net.logDecay.scalars.allSatisfy { $0 == Float(log(0.5)) })
        #expect(Array(net.frequency.scalars.prefix(3)) == [0, .pi, 2 * .pi])
        // |C|² has the mean 1 and the deviation 1.
        let square = Double(net.output.squared().sum().scalar) / 12_000
        #expect(abs(square - 1) <= 5 / Double(12_000).squareRoot())
    }

    @Test(arguments: [[1], [4], [3, 1], [2, 5]])
    func reversalIsItsOwnTranspose(shape: [Int]) {
        var numbers = seededNumbers(7)
        let tensor = numbers.tensor(shape)
        let row = Array(tensor.scalars.prefix(shape.last!))
        #expect(Array(tensor.reversedAlongLastAxis().scalars.prefix(shape.last!)) == row.reversed())
        #expect(
            TestSupport.gradientMismatches(of: [tensor]) { $0[0].reversedAlongLastAxis().squared() } == [])
    }
}
