import Convolution
import Tensors
import TestSupport
import Testing

/// Results do not depend on the number of threads: not by a bit.
struct DeterminismTests {
    /// Values and gradients of operations on tensors large enough to be spread over threads.
    static func bits(threads: Int) -> [[UInt32]] { Threads.withCount(threads, bits) }

    private static func bits() -> [[UInt32]] {
        var numbers = RandomNumbers(seed: 3)
        let x = numbers.tensor([5, 6, 150, 160])
        let operands = Operands(tensors: [
            x, numbers.tensor([1, 6, 1, 1]), numbers.tensor([150, 160]), numbers.tensor([7, 6]),
            numbers.tensor([7]),
            numbers.tensor([6, 3, 3]), numbers.tensor([6, 2], deviation: 50), numbers.tensor([6]),
            numbers.tensor([5, 6, 160, 20]),
        ])
        let grid = CoordinateGrid(extents: [150, 160])
        let (value, gradient, results) = valueAndGradient(at: operands) { model in
            let p = model.tensors
            let filter = Tensor.sineFilter(coordinates: grid, weight: p[6], bias: p[7])
            let results = [
                p[0] * p[1] + p[2], p[0].gelu() * filter, p[0].sine() - p[0].sigmoid(), p[0].sigmoidGated(),
                p[0].exponential().squareRoot(), p[0].standardized(over: .alternating(groups: 2)),
                p[0].standardizedGELU(over: .batch), p[0].pointwise(weight: p[3], bias: p[4]),
                p[0].depthwiseCorrelation(kernel: p[5]), p[0].matrixProduct(p[8]),
                p[0].renormalized(alpha: 1, beta: 0.1),
                p[0].adaptiveAveragePooled(to: 7),
                Tensor.concatenated([p[0], p[0].rectified()], alongAxis: 1),
                p[0].gatedStandardizedGELU(bias: p[2]),
                Tensor.pointwise([p[0], p[0].sine()], weight: .concatenated([p[3], p[3]], alongAxis: 1)),
                p[0].tiled(toChannels: 12), p[0].mean(overAxes: [1]), p[0].norm(),
            ]
            return (results.reduce(Tensor(0)) { $0 + $1.squared().mean() }, results.map(\.detached))
        }
        let gradients = operands.parameters.map { gradient[$0.name] }
        return ([value] + results + gradients).map { $0.scalars.map(\.bitPattern) }
    }

    @Test(arguments: [2, 3, 7])
    func sameBitsForAnyNumberOfThreads(_ threads: Int) {
        #expect(Self.bits(threads: threads) == Self.bits(threads: 1))
    }
}
