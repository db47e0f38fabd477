import Convolution
import TestSupport
import Testing

@testable import Tensors

/// The gated convolution of tensors: finite differences, adjoint identities, and what is left out.
@Suite struct GatedConvolutionTests {
    @Test(arguments: [Boundary.causal, .centred, .circular], [false, true])
    func gradients(_ boundary: Boundary, _ isPerSample: Bool) {
        var numbers = seededNumbers()
        let operands = [
            numbers.tensor([2, 3, 14]), numbers.tensor(isPerSample ? [2, 3, 9] : [3, 9]),
            numbers.tensor([2, 3, 14]), numbers.tensor([2, 3, 14]), numbers.tensor([3]),
        ]
        let mismatches = gradientMismatches(of: operands) {
            $0[0].gatedLongConvolution(
                kernel: $0[1], boundary: boundary, skip: $0[4], inputGate: $0[2], outputGate: $0[3])
        }
        #expect(mismatches == [])
    }

    /// Operands that are constants get no gradient, and the others the same as ever.
    @Test func constants() {
        var numbers = seededNumbers(2)
        let operands = (0..<3).map { _ in numbers.tensor([2, 3, 30]) }
        let kernel = numbers.tensor([3, 30])
        for index in operands.indices {
            let mismatches = gradientMismatches(of: [operands[index]]) { moved in
                let all = operands.indices.map { $0 == index ? moved[0] : operands[$0] }
                return all[0].gatedLongConvolution(
                    kernel: kernel, boundary: .causal, inputGate: all[1], outputGate: all[2])
            }
            #expect(mismatches == [])
        }
    }

    @Test func planes() {
        var numbers = seededNumbers(3)
        let operands = [
            numbers.tensor([2, 2, 6, 7]), numbers.tensor([2, 6, 7]), numbers.tensor([2, 2, 6, 7]),
            numbers.tensor([2, 2, 6, 7]), numbers.tensor([2]),
        ]
        let mismatches = gradientMismatches(of: operands) {
            $0[0].gatedLongConvolution(
                kernel: $0[1], boundary: .centred, skip: $0[4], inputGate: $0[2], outputGate: $0[3])
        }
        #expect(mismatches == [])
    }

    /// Rows that end earlier: gradients, and zeros beyond the ends.
    @Test func lengths() {
        var numbers = seededNumbers(4)
        let operands = [numbers.tensor([3, 2, 20]), numbers.tensor([2, 20]), numbers.tensor([3, 2, 20])]
        func gated(_ operands: [Tensor]) -> Tensor {
            operands[0].gatedLongConvolution(
                kernel: operands[1], boundary: .causal, outputGate: operands[2], lengths: [20, 0, 7])
        }
        #expect(gradientMismatches(of: operands, gated) == [])
        let output = gated(operands)
        #expect(output.slice(alongAxis: 0, 1..<2).scalars.allSatisfy { $0 == 0 })
        #expect(output.slice(alongAxis: 0, 2..<3).slice(alongAxis: 2, 7..<20).scalars.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [0, 1])
    func pairsOfKernels(_ lag: Int) {
        var numbers = seededNumbers(5)
        let operands = [numbers.tensor([2, 3, 11]), numbers.tensor([3, 6]), numbers.tensor([3, 6])]
        let mismatches = gradientMismatches(of: operands) {
            $0[0].longConvolution(
                kernel: .bidirectionalKernel(forward: $0[1], backward: $0[2], lag: lag), boundary: .centred)
        }
        #expect(mismatches == [])
    }

    @Test func gatesOfTheWrongShape() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let ones = { (shape: [Int]) in
                Tensor(shape: shape, scalars: Array(repeating: 1, count: shape.reduce(1, *)))
            }
            _ = ones([2, 3, 8]).gatedLongConvolution(
                kernel: ones([3, 8]), boundary: .causal, inputGate: ones([2, 3, 9]))
        }
        #expect(
            says(
                "expected an input gate of shape [2, 3, 8], got [2, 3, 9]", result?.standardErrorContent))
    }
}
