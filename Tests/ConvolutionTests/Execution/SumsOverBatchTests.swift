import TestSupport
import Testing

@testable import Convolution

/// Gradients of shared kernels that are summed along the tree of the batch's groups have the bits of that tree, whatever else
/// a call computes.
@Suite struct SumsOverBatchTests {
    static let batches = [1, 2, 5, 7, 8, 9, 16, 37]
    /// Transforms of rows and planes, sums of products, and rows in blocks.
    static let shapes = [
        Shape(signal: [60], kernel: [60], boundary: .causal),
        Shape(signal: [60], kernel: [5], boundary: .centred),
        Shape(signal: [20_000], kernel: [40], boundary: .causal),
        Shape(signal: [9, 8], kernel: [9, 8], boundary: .centred),
    ]

    /// With one tap and one element a row, a term is a product.
    @Test(arguments: batches) func orderOfSums(batch: Int) throws {
        var generator = SplitMix64.announced(seed: UInt64(batch))
        let shape = Shape(signal: [1], kernel: [1], boundary: .causal)
        let convolution: LongConvolution<Double> = try shape.convolution()
        guard case .direct = convolution.plan.method else { fatalError("expected sums of products") }
        for channels in [1, 3, 40] {
            let terms = (0..<channels).map { _ in
                cancellingTerms(batch, using: &generator).map(Double.init)
            }
            let operands = Operands<Double>(
                pairing: .shared(batch: batch, channels: channels),
                signal: (0..<batch).flatMap { sample in terms.map { $0[sample] } },
                kernel: Array(repeating: 1, count: channels),
                upstream: Array(repeating: 1, count: batch * channels))
            let gradient = try operands.results(of: convolution, along: BatchGroups(samples: batch))
                .kernelGradient
            #expect(gradient == terms.map { batchSum($0) }, "\(channels) channels")
            // The terms are able to tell: added one after the other they have another sum.
            if batch > 16 { #expect(gradient != terms.map { $0.reduce(0, +) }) }
        }
    }

    /// A kernel's gradient has the same bits beside other channels, which change how calls are cut into tasks.
    @Test(arguments: shapes, batches) func anyNumberOfChannels(_ shape: Shape, batch: Int) throws {
        var generator = SplitMix64.announced(seed: 0x5B)
        let convolution: LongConvolution<Float> = try shape.convolution()
        let key = convolution.plan.key
        let groups = BatchGroups(samples: batch)
        let alone = try Operands<Float>(shape, .shared(batch: batch, channels: 1), using: &generator)
        let expected = try alone.results(of: convolution, along: groups).kernelGradient
        for channels in [2, 33] where channels * key.count(.signal) < 1 << 18 {
            var many = try Operands<Float>(
                shape, .shared(batch: batch, channels: channels), using: &generator)
            many.kernel.replaceSubrange(0..<alone.kernel.count, with: alone.kernel)
            for sample in 0..<batch {
                for (role, operand) in [(OperandRole.signal, \Operands<Float>.signal), (.output, \.upstream)]
                {
                    let count = key.count(role)
                    many[keyPath: operand].replaceSubrange(
                        sample * channels * count..<(sample * channels + 1) * count,
                        with: alone[keyPath: operand][sample * count..<(sample + 1) * count])
                }
            }
            let gradient = try many.results(of: convolution, along: groups).kernelGradient.prefix(
                expected.count)
            #expect(sameBits(Array(gradient), expected), "\(shape), \(batch) samples, \(channels) channels")
        }
    }

    /// Parts of a batch, added along the tree, have the bits of the whole; the signals' gradients too.
    @Test(arguments: shapes, batches) func partsOfBatches(_ shape: Shape, batch: Int) throws {
        var generator = SplitMix64.announced(seed: 0x5C)
        let convolution: LongConvolution<Float> = try shape.convolution()
        for channels in [1, 3] {
            let pairing = Pairing.shared(batch: batch, channels: channels)
            let operands = try Operands<Float>(shape, pairing, using: &generator)
            let groups = BatchGroups(samples: batch)
            let expected = try operands.results(of: convolution, along: groups)
            let sumCount = channels * convolution.kernelSumCount
            for processes in [1, 2, 3, 5, 8] {
                let owned = (0..<processes).map {
                    $0 * groups.count / processes..<($0 + 1) * groups.count / processes
                }
                let trees = owned.flatMap { groups.trees(in: $0) }
                try withMemory(of: Float.self) { memory in
                    let (x, w) = (memory.copy(operands.signal), memory.copy(operands.kernel))
                    let g = memory.copy(operands.upstream)
                    let (dx, dw) = (memory.unwritten(x.count), memory.unwritten(w.count))
                    let sums = trees.map { _ in memory.unwritten(sumCount) }
                    for (tree, sums) in zip(trees, sums) {
                        try convolution.gradients(
                            [x], kernel: w, pairing, upstreams: [g], signalGradients: [dx],
                            kernelGradient: nil,
                            sums: SumsOverGroups(
                                groups.subtree(tree, localTo: 0), kernels: sums.baseAddress!))
                    }
                    let numbers = Dictionary(
                        uniqueKeysWithValues: trees.enumerated().map { ($1.lowerBound, $0) })
                    groups.combineTrees(startingAt: numbers) { target, source in
                        for index in 0..<sumCount { sums[target][index] += sums[source][index] }
                    }
                    try convolution.kernelGradients(fromSums: sums[0].baseAddress!, into: dw)
                    #expect(
                        sameBits(Array(dw), expected.kernelGradient)
                            && sameBits(Array(dx), expected.signalGradient),
                        "\(shape), \(batch) samples of \(channels) channels in \(trees.count) parts")
                }
            }
        }
    }
}
