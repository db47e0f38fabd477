import Synchronization
import TestSupport
import Testing

@testable import Tensors

/// Parts of a computation whose gradients are taken as a whole: kept or computed again.
@Suite struct GradientSegmentTests {
    /// Two matrices and a scalar, one of which may be of no use.
    private struct Layer: Module {
        var first: Tensor
        var second: Tensor
        var unused: Tensor

        init(using numbers: inout RandomNumbers) {
            first = numbers.tensor([6, 6])
            second = numbers.tensor([6, 6])
            unused = numbers.tensor([1])
        }

        mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
            try body("first", &first)
            try body("second", &second)
            try body("unused", &unused)
        }

        /// Two results; every operand and parameter is used several times.
        func callAsFunction(_ operands: [Tensor]) -> [Tensor] {
            let sum = operands.dropFirst().reduce(operands[0]) { $0 * 0.7 + $1 }
            let hidden = sum.pointwise(weight: first, bias: nil).silu()
            let output = hidden.pointwise(weight: second, bias: nil) + hidden * operands[0] + sum.squared()
            return [output.silu() + first.mean(), second.squared() + first]
        }
    }

    /// Layers after each other, each of which also reads the outputs of all before it.
    private struct Chain: Module {
        var layers: [Layer]
        var input: Tensor

        mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
            try Self.visit("layers", &layers, body)
            try body("input", &input)
        }

        /// A loss of all results; `calls` counts the forward passes of layers.
        func loss(recomputes: Bool?, constant: Tensor, calls: Counter = Counter()) -> Tensor {
            var outputs = [constant, input]
            var loss = Tensor(0)
            for layer in layers {
                let operands = Array(outputs.reversed())
                let results: [Tensor]
                if let recomputes {
                    let segment = layer.segment(operands, recomputes: recomputes) { layer, operands in
                        calls.add()
                        return (layer(operands), operands.count)
                    }
                    #expect(segment.detail == operands.count)
                    results = segment.results
                } else {
                    results = layer(operands)
                }
                outputs.append(results[0])
                loss = loss + results[1].squared().mean()
            }
            return loss + outputs[outputs.count - 1].squared().mean()
        }
    }

    private final class Counter: Sendable {
        private let number = Atomic(0)
        var count: Int { number.load(ordering: .relaxed) }
        func add() { number.wrappingAdd(1, ordering: .relaxed) }
    }

    private func chain(_ numbers: inout RandomNumbers) -> Chain {
        Chain(layers: (0..<4).map { _ in Layer(using: &numbers) }, input: numbers.tensor([2, 6, 9]))
    }

    /// To the last bit the gradient of what is kept, and as the gradient without segments but for rounding: each operation's
    /// cotangents are sums of at most sixteen products of numbers of the gradient's size.
    @Test(arguments: 1...8) func gradientsHaveTheSameBits(seed: UInt64) {
        var numbers = seededNumbers(seed)
        let chain = chain(&numbers)
        let constant = numbers.tensor([2, 6, 9])
        let kept = valueAndGradient(at: chain) { $0.loss(recomputes: false, constant: constant) }
        let again = valueAndGradient(at: chain) { $0.loss(recomputes: true, constant: constant) }
        let plain = valueAndGradient(at: chain) { $0.loss(recomputes: nil, constant: constant) }
        #expect(kept.value.scalars == again.value.scalars && kept.value.scalars == plain.value.scalars)
        #expect(
            kept.gradient.unused == again.gradient.unused && kept.gradient.unused == plain.gradient.unused)
        #expect(kept.gradient.unused == (0..<4).map { "layers.\($0).unused" })
        for (name, component) in kept.gradient.components {
            #expect(again.gradient[name].scalars == component.scalars, "\(name)")
            let largest = largestMagnitude(component.scalars.map(Double.init))
            let difference = largestDifference(component, plain.gradient[name])
            #expect(difference <= 64 * floatEpsilon * largest, "\(name)")
        }
    }

    /// Once, or twice where it is computed again; without gradients once, and nothing is recorded.
    @Test func computesAgainForGradientsAlone() {
        var numbers = seededNumbers()
        let chain = chain(&numbers)
        let constant = numbers.tensor([2, 6, 9])
        for (recomputes, count) in [(false, 4), (true, 8)] {
            let calls = Counter()
            _ = valueAndGradient(at: chain) {
                $0.loss(recomputes: recomputes, constant: constant, calls: calls)
            }
            #expect(calls.count == count)
            let single = Counter()
            #expect(!chain.loss(recomputes: recomputes, constant: constant, calls: single).isRecorded)
            #expect(single.count == 4)
        }
    }

    /// Results that nothing depends on, and segments that depend on no parameter.
    @Test func partsMayBeOfNoUse() {
        var numbers = seededNumbers()
        let chain = chain(&numbers)
        for index in 0..<2 {
            let gradients = [false, true].map { recomputes in
                valueAndGradient(at: chain) { chain in
                    chain.layers[0].segment([chain.input], recomputes: recomputes) { layer, operands in
                        (layer(operands), ())
                    }.results[index].squared().sum()
                }.gradient
            }
            #expect(gradients[0].unused == gradients[1].unused)
            for (name, component) in gradients[0].components {
                #expect(gradients[1][name].scalars == component.scalars)
            }
        }
    }
}
