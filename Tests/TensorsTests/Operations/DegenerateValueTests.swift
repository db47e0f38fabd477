import Tensors
import TestSupport
import Testing

/// Operations at points where a formula divides by zero or loses its derivative: values and gradients stay finite.
@Suite struct DegenerateValueTests {
    static let shapes = [[1, 1, 1], [1, 1, 1, 1], [1, 2, 5], [3, 1, 1], [2, 4, 3, 3]]
    static let constants: [Float] = [0, 1, -3, 1e-20, 1e-30, 1e10]

    private func expectFinite(
        _ operands: [Tensor], _ name: String, from location: SourceLocation = #_sourceLocation,
        _ function: ([Tensor]) -> Tensor
    ) {
        let (value, gradient) = valueAndGradient(at: Operands(tensors: operands)) {
            function($0.tensors).sum()
        }
        #expect(value.scalar.isFinite, "\(name)", sourceLocation: location)
        for index in operands.indices {
            let isFinite = gradient["\(index)"].scalars.allSatisfy(\.isFinite)
            #expect(isFinite, "\(name), operand \(index)", sourceLocation: location)
        }
    }

    @Test(arguments: shapes, constants)
    func ofConstants(shape: [Int], constant: Float) {
        let tensor = Tensor(shape: shape, repeating: constant)
        let groups = shape[1] % 2 == 0 ? 2 : 1
        for extent in [StandardizationExtent.instance, .batch, .alternating(groups: groups)] {
            expectFinite([tensor], "standardized over \(extent)") { $0[0].standardized(over: extent) }
            expectFinite([tensor], "standardizedGELU over \(extent)") {
                $0[0].standardizedGELU(over: extent)
            }
        }
        expectFinite([tensor], "normRescaled") { $0[0].normRescaled(alpha: 1, beta: 0.1) }
        expectFinite([tensor], "norm") { $0[0].norm() }
        expectFinite([tensor], "gelu") { $0[0].gelu() }
        expectFinite([tensor], "sigmoid") { $0[0].sigmoid() }
        expectFinite([tensor], "silu") { $0[0].silu() }
        expectFinite([tensor], "pooled") { $0[0].adaptiveAveragePooled(to: 3) }
        expectFinite([tensor], "mean") { $0[0].mean(overAxes: [0, 1]) }
        let kernel = Tensor(shape: [shape[1]] + shape.dropFirst(2), repeating: constant)
        expectFinite([tensor, kernel], "longConvolution") {
            .longConvolution([$0[0]], kernel: $0[1], boundary: .centred)[0]
        }
    }

    /// Logits so far apart that probabilities round to 0 and 1, equal ones, one class.
    @Test func crossEntropy() {
        let rows: [[Float]] = [[0, 0, 0], [1e30, -1e30, 0], [-1e30, -1e30, -1e30], [1e-30, 0, 0]]
        for row in rows {
            for smoothing: Float in [0, 0.09, 1] {
                for label in 0..<3 {
                    expectFinite([Tensor(shape: [1, 3], scalars: row)], "\(row)") {
                        $0[0].crossEntropy(labels: [label], smoothing: smoothing)
                    }
                }
            }
        }
        expectFinite([Tensor(shape: [2, 1], scalars: [3, 4])], "one class") {
            $0[0].crossEntropy(labels: [0, 0], smoothing: 0.09)
        }
    }
}
