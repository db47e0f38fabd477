import Convolution
import Tensors
import TestSupport
import Testing

@testable import Training

/// Convolutions whose kernels all samples share, in batches that are distributed: gradients have the bits of one process.
@Suite struct SharedKernelTests {
    /// The gradients of `parameters` and of the samples' own tensors, of which the process has a part.
    private static func bits(
        _ samples: [Tensor], _ parameters: [Tensor], over processes: ThreadCommunicator?,
        _ output: ([Tensor], [Tensor]) -> Tensor
    ) -> [[UInt32]] {
        let partition = processes.map { BatchPartition(of: samples[0].shape[0], over: $0) }
        func own(_ tensor: Tensor) -> Tensor {
            guard let partition else { return tensor }
            return tensor.slice(alongAxis: 0, partition.samples).distributed(in: partition)
        }
        let weights = own(samples.last!)
        let factors = samples.dropLast().map { Tensor(shape: [1] + $0.shape.dropFirst(), repeating: 1) }
        // Factors that all samples share show the samples' gradients, summed.
        let (_, gradient) = valueAndGradient(at: Operands(tensors: parameters + factors)) { operands in
            let factors = operands.tensors.suffix(factors.count)
            let inputs = zip(samples.dropLast(), factors).map { own($0) * $1 }
            return (output(inputs, Array(operands.tensors.prefix(parameters.count))) * weights).sum()
        }
        return (0..<parameters.count + factors.count).map { gradient["\($0)"].scalars.map(\.bitPattern) }
    }

    private func expectSameBits(
        _ extents: [Int], kernel: [Int], inputs: Int = 1,
        _ output: @escaping @Sendable ([Tensor], [Tensor]) -> Tensor, more parameters: [[Int]] = []
    ) throws {
        var numbers = seededNumbers(3)
        for batch in [1, 5, 8, 13] {
            let samples = (0...inputs).map { _ in numbers.tensor([batch, 3] + extents) }
            let parameters = ([[3] + kernel] + parameters).map { numbers.tensor($0) }
            let expected = Self.bits(samples, parameters, over: nil, output)
            for size in [2, 3, 8, 9] {
                let results = try ThreadCommunicator.run(size) {
                    Self.bits(samples, parameters, over: $0, output)
                }
                for (rank, result) in results.enumerated() {
                    #expect(result == expected, "\(batch) samples \(extents), process \(rank) of \(size)")
                }
            }
        }
    }

    @Test(arguments: [([40], [40]), ([40], [6]), ([2000], [30]), ([6, 7], [6, 7])])
    func convolution(_ extents: [Int], _ kernel: [Int]) throws {
        try expectSameBits(
            extents, kernel: kernel, { $0[0].longConvolution(kernel: $1[0], boundary: .centred) })
    }

    @Test func severalSignals() throws {
        try expectSameBits(
            [30], kernel: [30], inputs: 2,
            { inputs, parameters in
                let outputs = Tensor.longConvolution(inputs, kernel: parameters[0], boundary: .causal)
                return outputs[0] + outputs[1]
            })
    }

    @Test func gatesAndSkip() throws {
        try expectSameBits(
            [30], kernel: [30], inputs: 3,
            {
                $0[0].gatedLongConvolution(
                    kernel: $1[0], boundary: .causal, skip: $1[1], inputGate: $0[1], outputGate: $0[2])
            }, more: [[3]])
    }

    /// The skip alone is a sum over the batch.
    @Test func skipBesideKernelsOfSamples() throws {
        try expectSameBits(
            [30], kernel: [30], inputs: 2,
            {
                $0[0].gatedLongConvolution(kernel: $0[1] * $1[0], boundary: .causal, skip: $1[1])
            }, more: [[3]])
    }
}
