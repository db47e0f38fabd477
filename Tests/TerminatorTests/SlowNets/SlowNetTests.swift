import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// What holds for every kind of slow net.
@Suite struct SlowNetTests {
    private func slowNet(
        _ kind: SlowNetKind, extents: [Int], outputs: Int = 3, hidden: Int = 4, fraction: Float = 1,
        seed: UInt64 = 1
    ) -> any SlowNet {
        var numbers = RandomNumbers(seed: seed)
        return kind.slowNet(
            extents: extents, outputs: outputs, size: SlowNetSize(hidden: hidden, layers: 2),
            frequencies: .belowNyquist(fraction: fraction), using: &numbers)
    }

    @Test(arguments: SlowNetKind.combined(with: [[7], [2], [4, 5]]))
    func gradientsAreThoseOfFiniteDifferences(kind: SlowNetKind, extents: [Int]) {
        var numbers = seededNumbers()
        var net = slowNet(kind, extents: extents, fraction: 0.2)
        net.disturb(deviation: 0.1, using: &numbers)
        net.keepRectifiersFromTheirKinks()
        // SIREN's hidden weights count 30 times.
        let step: Float = kind == .siren ? 0x1p-9 : 0x1p-6
        #expect(Self.mismatches(of: net, extents: extents, step: step) == [])
        #expect(Self.mismatches(of: net, extents: extents.map { $0 + 2 }, step: step) == [])
    }

    private static func mismatches(
        of net: some SlowNet, extents: [Int], step: Float
    ) -> [GradientMismatch] {
        net.gradientMismatches(inputs: [], step: step, roundings: 64) { net, _ in
            net.kernel(extents: extents)
        }
    }

    @Test(arguments: SlowNetKind.combined(with: [[9], [1], [4, 6]]))
    func everyParameterTakesPart(kind: SlowNetKind, extents: [Int]) {
        func unused(_ net: some SlowNet) -> [String] {
            valueAndGradient(at: net) { $0.kernel().squared().sum() }.gradient.unused
        }
        let net = slowNet(kind, extents: extents)
        #expect(net.kernel().shape == [3] + extents)
        #expect(unused(net) == [])
    }

    /// On a grid with every second point in common a kernel has the same values there. (A state space has means over
    /// samples instead: see `StateSpaceTests`.)
    @Test(arguments: SlowNetKind.combined(with: [[9], [4, 6]]).filter { $0.0 != .diagonalStateSpace })
    func kernelsAreFunctions(kind: SlowNetKind, extents: [Int]) {
        var numbers = seededNumbers(2)
        var net = slowNet(kind, extents: extents)
        net.disturb(deviation: 0.1, using: &numbers)
        let kernel = net.kernel()
        let common = net.kernel(extents: extents.map { 2 * $0 - 1 }).everySecondSample()
        // A coordinate's rounding acts as one of the frequency that it is multiplied by, or of the table's entries that
        // are interpolated. With it, two layers of sums over four channels: about 16 roundings for each kernel.
        func error(_ net: some SlowNet) -> Double {
            net.roundingError(roundings: 32) { net, _ in net.kernel() }
        }
        #expect(largestDifference(kernel, common) <= error(net))
    }

    /// At the start a convolution with the kernel keeps the scale of its input, within a factor of ten: the kernels'
    /// squares sum to about 1. Gabor filters are local and start weaker; a hash grid and free taps start near 0.
    @Test(arguments: SlowNetKind.combined(with: [[256], [16, 20]]))
    func kernelsStartAtUnitGain(kind: SlowNetKind, extents: [Int]) {
        let kernel = slowNet(kind, extents: extents, outputs: 64, hidden: 64).kernel()
        let gain = kernel.scalars.reduce(0.0) { $0 + Double($1 * $1) } / 64
        print("\(kind) at \(extents): gain \(gain)")
        let least = [SlowNetKind.gaborFilters: 0.01, .hashGrid: 0, .explicit: 0][kind, default: 0.1]
        #expect(gain < 10 && gain > least)
    }

    /// Another seed, another net; the same seed, the same to the last bit.
    @Test(arguments: SlowNetKind.allCases)
    func parametersFollowFromTheSeed(kind: SlowNetKind) {
        func scalars(seed: UInt64) -> [Float] {
            slowNet(kind, extents: [12], seed: seed).parameters.flatMap(\.tensor.scalars)
        }
        #expect(scalars(seed: 1) == scalars(seed: 1))
        #expect(scalars(seed: 1) != scalars(seed: 2))
    }

    /// What is not a parameter is not lost with the checkpoint: a net of another seed with the same parameters is the
    /// same.
    @Test(arguments: SlowNetKind.allCases)
    func parametersAreAllThereIs(kind: SlowNetKind) {
        let extents = kind.takesPlanes ? [6, 5] : [30]
        let net = slowNet(kind, extents: extents)
        var other = slowNet(kind, extents: extents, seed: 2)
        var parameters = net.parameters[...]
        other.forEachParameter { $1 = parameters.removeFirst().tensor }
        #expect(net.kernel().scalars == other.kernel().scalars)
    }
}

extension SlowNetKind {
    /// Every kind with each of the extents that it takes.
    static func combined(with extents: [[Int]]) -> [(SlowNetKind, [Int])] {
        allCases.flatMap { kind in
            extents.filter { kind.takesPlanes || $0.count == 1 }.map { (kind, $0) }
        }
    }
}

extension Module {
    /// Finite differences know nothing of kinks: rectified layers with biases so large that each unit is on or off
    /// throughout, and taps far from the threshold.
    fileprivate mutating func keepRectifiersFromTheirKinks() {
        if self is ExplicitKernel {
            forEachParameter { $1 = $1 + Tensor(shape: $1.shape, repeating: 2) }
            return
        }
        guard self is CoordinatePerceptron || self is FourierFeatureNetwork || self is HashGridNetwork else {
            return
        }
        forEachParameter { name, parameter in
            if name.hasSuffix(".weight") { parameter = parameter * 0.25 }
            guard name.hasSuffix(".bias"), !name.hasPrefix("output") else { return }
            parameter = Tensor(
                shape: parameter.shape, scalars: (0..<parameter.count).map { $0 % 3 == 2 ? -2 : 2 })
        }
    }
}

extension Tensor {
    /// Every second sample along each axis but the first.
    func everySecondSample() -> Tensor {
        var scalars = scalars
        var shape = shape
        for axis in 1..<shape.count {
            let inner = shape[(axis + 1)...].reduce(1, *)
            scalars = scalars.indices.filter { $0 / inner % shape[axis] % 2 == 0 }.map { scalars[$0] }
            shape[axis] = (shape[axis] + 1) / 2
        }
        return Tensor(shape: shape, scalars: scalars)
    }
}
