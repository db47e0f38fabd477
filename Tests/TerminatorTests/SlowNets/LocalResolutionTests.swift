import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Local kernels for features that are sampled more densely than those the network was made for.
@Suite struct LocalResolutionTests {
    private func slowNet(extents: [Int], size: Int) -> LocalSlowNet {
        var numbers = seededNumbers()
        var configuration = smallConfiguration(extents: extents)
        configuration.localContext = .perSample
        // |h| is a mean over other samples on another grid; what is left is the same to rounding.
        configuration.renormalization = RenormalizationConfiguration(alpha: 1, beta: 0, isTrained: false)
        var net = LocalSlowNet(
            channels: 2, size: size, axes: extents.count, configuration: configuration, using: &numbers)
        net.disturb(deviation: 0.3, using: &numbers)
        return net
    }

    private func kernels(_ net: LocalSlowNet, _ features: Tensor) -> Tensor {
        var pass = ForwardPass()
        return net.kernels(for: features, in: &pass)
    }

    /// As many more samples as the grid has, odd, and never so few that there are no neighbors.
    @Test(arguments: [
        (9, 33, 65, 17), (9, 33, 33, 9), (3, 8, 16, 5), (9, 8, 16, 19), (5, 8, 15, 9), (7, 8, 6, 5),
        (3, 8, 2, 3),
        (1, 8, 64, 1), (5, 1, 9, 5), (5, 9, 1, 5),
    ])
    func kernelsReachAsFar(size: Int, then: Int, now: Int, expected: Int) {
        #expect(slowNet(extents: [then], size: size).sampledExtents(for: [now]) == [expected])
    }

    /// Where every second sample is that of the coarse features, every second sample of a kernel is that of the
    /// coarse kernel, times the ratio of the numbers of samples.
    @Test(arguments: [[9], [5, 6]])
    func kernelsAreTheSameFunction(extents: [Int]) {
        var numbers = seededNumbers(2)
        let net = slowNet(extents: extents, size: 3)
        // Constant over space: what is pooled of them is the same at any resolution.
        let features = numbers.tensor([2, 2] + extents.map { _ in 1 })
        let coarse = kernels(net, features + Tensor(shape: extents, repeating: 0))
        let fine = kernels(net, features + Tensor(shape: extents.map { 2 * $0 - 1 }, repeating: 0))
        #expect(fine.shape == [2, 2] + extents.map { _ in 5 })
        let ratio = (extents.count == 1 ? 3.0 : 9) / (extents.count == 1 ? 5 : 25)
        let merged = fine.reshaped(to: [4] + fine.shape[2...]).everySecondSample()
        let expected = coarse.reshaped(to: merged.shape) * Float(ratio)
        // Two layers of sums over three channels with their modulations, the output and the ratio: about 16 roundings
        // for each of the two.
        let error = net.roundingError(inputs: [features], roundings: 32) { net, inputs in
            kernels(net, inputs[0] + Tensor(shape: extents, repeating: 0))
        }
        #expect(largestDifference(merged, expected) <= error)
    }
}
