import Tensors
import TestSupport
import Testing

struct GatedStandardizationTests {
    static let shapes = [[1, 2, 16], [2, 6, 7], [3, 4, 3, 5], [2, 2, 300], [5, 8, 60, 70]]

    /// The halves of the channels of `x`.
    static func halves(_ x: Tensor) -> (Tensor, Tensor) {
        let channels = x.shape[1] / 2
        return (x.slice(alongAxis: 1, 0..<channels), x.slice(alongAxis: 1, channels..<2 * channels))
    }

    /// The same loops run over the same rows: the same bits.
    @Test(arguments: shapes)
    func valuesAreThoseOfTheSeparateOperations(_ shape: [Int]) {
        var numbers = seededNumbers()
        let (x, bias) = (numbers.tensor(shape), numbers.tensor(Array(shape[2...])))
        let (first, second) = Self.halves(x)
        let expected = (first * second).standardizedGELU(over: .instance)
        #expect(x.gatedStandardizedGELU().scalars == expected.scalars)
        let result = x.gatedStandardizedGELU(bias: bias)
        #expect(result.shape == expected.shape)
        #expect(result.scalars == (expected + bias).scalars)
    }

    @Test(arguments: shapes)
    func gradientsAreThoseOfTheSeparateOperations(_ shape: [Int]) {
        var numbers = seededNumbers()
        let operands = Operands(tensors: [numbers.tensor(shape), numbers.tensor(Array(shape[2...]))])
        let (_, found) = valueAndGradient(at: operands) {
            $0.tensors[0].gatedStandardizedGELU(bias: $0.tensors[1]).squared().sum()
        }
        let (_, expected) = valueAndGradient(at: operands) { model in
            let (first, second) = Self.halves(model.tensors[0])
            return ((first * second).standardizedGELU(over: .instance) + model.tensors[1]).squared().sum()
        }
        #expect(found["0"].scalars == expected["0"].scalars)
        #expect(found["1"].scalars == expected["1"].scalars)
    }

    /// The third derivative of a standardization over few scalars is large: hence the smaller step.
    @Test(arguments: shapes.dropLast())
    func gradientsAreThoseOfFiniteDifferences(_ shape: [Int]) {
        var numbers = seededNumbers()
        let operands = [numbers.tensor(shape), numbers.tensor(Array(shape[2...]))]
        #expect(
            gradientMismatches(of: operands, step: 0x1p-6) {
                $0[0].gatedStandardizedGELU(bias: $0[1], epsilon: 0.1)
            } == [])
        #expect(
            gradientMismatches(of: [operands[0]], step: 0x1p-6) {
                $0[0].gatedStandardizedGELU(epsilon: 0.1)
            } == [])
    }

    @Test func wrongShapesTrap() async {
        let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 3, 2], repeating: 0).gatedStandardizedGELU()
        }
        #expect(
            says(
                "expected a shape [B, 2C, ...] with two halves to multiply, got [1, 3, 2]",
                first?.standardErrorContent))
        let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 4, 2], repeating: 0).gatedStandardizedGELU(
                bias: Tensor(shape: [3], repeating: 0))
        }
        #expect(says("expected a bias of shape", second?.standardErrorContent))
    }
}
