import Testing

@testable import Convolution

/// Which rows of a batch a NaN or an infinity reaches: those that meet the row it is in, and what is summed over them.
@Suite struct NonFiniteBatchReachTests {
    private static let values: [Float] = [.nan, .infinity, -.infinity]
    /// Transformed, so that a row is spoiled as a whole.
    private let length = 64

    /// The rows of `rowLength` scalars with one that is not finite; each such row must be spoiled as a whole.
    private func spoiledRows(_ scalars: [Float], of rowLength: Int? = nil) -> [Int] {
        let rowLength = rowLength ?? length
        return (0..<scalars.count / rowLength).filter { row in
            let spoiled = scalars[row * rowLength..<(row + 1) * rowLength].count { !$0.isFinite }
            #expect(spoiled == 0 || spoiled == rowLength, "row \(row)")
            return spoiled > 0
        }
    }

    /// Rows of ones, with a value in the middle of row `dirty`.
    private func rows(_ count: Int, dirty: Int? = nil, _ value: Float) -> [Float] {
        var scalars = [Float](repeating: 1, count: count * length)
        if let dirty { scalars[dirty * length + length / 2] = value }
        return scalars
    }

    /// A pairing with the rows that the dirty row of an operand spoils.
    struct Case {
        let pairing: Pairing
        let kernels: Int
        /// By the signal's row 2: outputs, kernel gradients.
        let signal: (outputs: [Int], kernels: [Int])
        /// By the kernel's row 1: outputs, signal gradients.
        let kernel: (outputs: [Int], signals: [Int])
        /// By the upstream's row 2: signal gradients, kernel gradients.
        let upstream: (signals: [Int], kernels: [Int])
    }

    /// Three samples with two channels: row 2 is channel 0 of sample 1.
    private static let cases = [
        Case(
            pairing: .shared(batch: 3, channels: 2), kernels: 2, signal: ([2], [0]),
            kernel: ([1, 3, 5], [1, 3, 5]), upstream: ([2], [0])),
        Case(
            pairing: .perSample(batch: 3, channels: 2), kernels: 6, signal: ([2], [2]), kernel: ([1], [1]),
            upstream: ([2], [2])),
        // Kernel 1 leads from input 1 to output 0.
        Case(
            pairing: .dense(batch: 3, inputs: 2, outputs: 2), kernels: 4, signal: ([2, 3], [0, 2]),
            kernel: ([0, 2, 4], [1, 3, 5]), upstream: ([2, 3], [0, 1])),
    ]

    @Test(arguments: 0..<3, values) func pairing(number: Int, value: Float) throws {
        let expected = Self.cases[number]
        let convolution = try LongConvolution<Float>(
            length: length, kernelLength: length, boundary: .causal)
        func outputs(_ signal: [Float], _ kernel: [Float]) throws -> [Int] {
            var output = [Float](repeating: 0, count: 6 * length)
            try convolution.apply(signal, kernel: kernel, expected.pairing, into: &output)
            return spoiledRows(output)
        }
        func gradients(_ signal: [Float], _ kernel: [Float], _ upstream: [Float]) throws -> [[Int]] {
            let found = try convolution.gradients(
                signal, kernel: kernel, expected.pairing, upstream: upstream)
            return [spoiledRows(found.signal), spoiledRows(found.kernel)]
        }
        let signal = rows(6, value), kernel = rows(expected.kernels, value), upstream = signal
        let dirtySignal = rows(6, dirty: 2, value), dirtyKernel = rows(expected.kernels, dirty: 1, value)

        #expect(try outputs(dirtySignal, kernel) == expected.signal.outputs)
        #expect(try gradients(dirtySignal, kernel, upstream) == [[], expected.signal.kernels])
        #expect(try outputs(signal, dirtyKernel) == expected.kernel.outputs)
        #expect(try gradients(signal, dirtyKernel, upstream) == [expected.kernel.signals, []])
        #expect(
            try gradients(signal, kernel, dirtySignal)
                == [expected.upstream.signals, expected.upstream.kernels])
    }

    /// What an operand of a convolution with context kernels W ⊙ z spoils, in rows of the outputs and gradients. Each is
    /// spoiled as a whole, but for the factor that W's gradient and z's have after the convolution.
    @Test(arguments: values) func contextKernels(value: Float) throws {
        let convolution = try LongConvolution<Float>(
            length: length, kernelLength: length, boundary: .causal)
        /// The outputs and the gradients of W, z and the signal.
        func results(kernel: Int? = nil, factor: Int? = nil, signal: Int? = nil, upstream: Int? = nil) throws
            -> [[Float]]
        {
            try withMemory(of: Float.self) { memory in
                let kernel = memory.copy(rows(2, dirty: kernel, value))
                let factor = memory.copy(rows(6, dirty: factor, value))
                let signal = memory.copy(rows(6, dirty: signal, value))
                let output = memory.unwritten(6 * length), ofSignal = memory.unwritten(6 * length)
                let ofKernel = memory.unwritten(2 * length), ofFactor = memory.unwritten(6 * length)
                try convolution.applyContextKernel(
                    kernel, factor: factor, to: [signal], batch: 3, channels: 2, into: [output])
                try convolution.contextKernelGradients(
                    kernel, factor: factor, signals: [signal], batch: 3, channels: 2,
                    upstreams: [memory.copy(rows(6, dirty: upstream, value))], kernelGradient: ofKernel,
                    factorGradient: ofFactor, signalGradients: [ofSignal])
                return [output, ofKernel, ofFactor, ofSignal].map { Array($0) }
            }
        }
        let middle = length / 2
        func places(_ scalars: [Float]) -> [Int] { scalars.indices.filter { !scalars[$0].isFinite } }

        // Of W: every row of its channel, and one tap of the gradients of that channel's z.
        let ofKernel = try results(kernel: 1)
        #expect(spoiledRows(ofKernel[0]) == [1, 3, 5] && spoiledRows(ofKernel[3]) == [1, 3, 5])
        #expect(places(ofKernel[1]) == [])
        #expect(places(ofKernel[2]) == [1, 3, 5].map { $0 * length + middle })
        // Of z: its row, and one tap of the gradient of its channel's W.
        let ofFactor = try results(factor: 2)
        #expect(spoiledRows(ofFactor[0]) == [2] && spoiledRows(ofFactor[3]) == [2])
        #expect(places(ofFactor[1]) == [middle])
        #expect(places(ofFactor[2]) == [])
        // Of the signal: its row, and the gradients of the kernel that it meets.
        let ofSignal = try results(signal: 2)
        #expect(spoiledRows(ofSignal[0]) == [2] && spoiledRows(ofSignal[3]) == [])
        #expect(spoiledRows(ofSignal[1]) == [0] && spoiledRows(ofSignal[2]) == [2])
        // Of the upstream: all gradients of its row.
        let ofUpstream = try results(upstream: 2)
        #expect(spoiledRows(ofUpstream[0]) == [] && spoiledRows(ofUpstream[3]) == [2])
        #expect(spoiledRows(ofUpstream[1]) == [0] && spoiledRows(ofUpstream[2]) == [2])
    }
}
