import Foundation
import Tensors
import TestSupport
import Testing

struct OptimizerTests {
    /// Three steps against algorithm 1 of the paper, in double precision.
    @Test(arguments: [Float(0), 0.1])
    func adamFollowsThePaper(_ weightDecay: Float) {
        var numbers = seededNumbers()
        var model = Operands(tensors: [numbers.tensor([3, 5]), numbers.tensor([])])
        let gradients = (0..<3).map { _ in Operands(tensors: [numbers.tensor([3, 5]), numbers.tensor([])]) }
        var optimizer = Adam(weightDecay: weightDecay)
        var expected = model.tensors.map { $0.scalars.map(Double.init) }
        var first = expected.map { $0.map { _ in 0.0 } }
        var second = first
        let (b1, b2) = (Double(Float(0.9)), Double(Float(0.999)))
        for (step, upstream) in gradients.enumerated() {
            let (_, gradient) = valueAndGradient(at: model) { model in
                zip(model.tensors, upstream.tensors).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
            }
            optimizer.update(&model, along: gradient, rate: 0.01)
            let t = Double(step + 1)
            for index in expected.indices {
                for (at, g) in upstream.tensors[index].scalars.map(Double.init).enumerated() {
                    first[index][at] = b1 * first[index][at] + (1 - b1) * g
                    second[index][at] = b2 * second[index][at] + (1 - b2) * g * g
                    let m = first[index][at] / (1 - pow(b1, t))
                    let v = second[index][at] / (1 - pow(b2, t))
                    expected[index][at] *= 1 - 0.01 * Double(weightDecay)
                    expected[index][at] -= 0.01 * m / (v.squareRoot() + 1e-8)
                }
            }
        }
        for (tensor, expected) in zip(model.tensors, expected) {
            // In each of three steps 1 - λ · rate, its product with the parameter and the difference are rounded, by ε
            // / 2 of the parameter, and about ten times the step, which is below 0.02.
            let largest = largestMagnitude(expected) + 3 * 0.02
            #expect(largestDifference(tensor.scalars, expected) <= 3 * (3 * largest + 0.2) * floatEpsilon / 2)
        }
    }

    /// A saved state continues as if nothing had happened.
    @Test func stateCanBeRestored() {
        var numbers = seededNumbers()
        var model = Operands(tensors: [numbers.tensor([4]), numbers.tensor([2, 2])])
        func step(_ model: inout Operands, _ optimizer: inout Adam) {
            let (_, gradient) = valueAndGradient(at: model) {
                $0.tensors[0].sine().sum() + $0.tensors[1].squared().sum()
            }
            optimizer.update(&model, along: gradient, rate: 0.1)
        }
        var optimizer = Adam()
        for _ in 0..<3 { step(&model, &optimizer) }
        var saved: [String: Tensor] = [:]
        optimizer.forEachState { saved[$0] = $1 }
        #expect(Set(saved.keys) == ["step", "first.0", "second.0", "first.1", "second.1"])

        var restored = Adam()
        restored.prepare(for: model)
        restored.forEachState { name, state in
            #expect(state.shape == saved[name]?.shape)
            state = saved[name]!
        }
        var copy = model
        step(&model, &optimizer)
        step(&copy, &restored)
        #expect(zip(model.tensors, copy.tensors).allSatisfy { $0.scalars == $1.scalars })
    }

    /// An optimizer without a `prepare(for:)` of its own.
    struct Momentum: Optimizer {
        var momenta: [String: Tensor] = [:]

        mutating func update<Model: Module>(_ model: inout Model, along gradient: Gradient, rate: Float) {
            model.forEachParameter { name, parameter in
                let momentum = (momenta[name] ?? parameter * 0) * 0.9 + gradient[name]
                momenta[name] = momentum
                parameter = parameter - momentum * rate
            }
        }

        mutating func forEachState(_ body: (String, inout Tensor) throws -> Void) rethrows {
            for name in momenta.keys.sorted() { try body(name, &momenta[name]!) }
        }
    }

    @Test func stateIsPreparedByAnEmptyStep() {
        var optimizer = Momentum()
        optimizer.prepare(for: Operands(tensors: [Tensor(shape: [2], scalars: [5, 6]), Tensor(1)]))
        #expect(optimizer.momenta["0"]?.scalars == [0, 0])
        #expect(optimizer.momenta["1"]?.scalars == [0])
    }

    @Test func signDescent() {
        var parameter = Tensor(shape: [5], scalars: [1, 1, 1, 1, 1])
        let gradient = Tensor(shape: [5], scalars: [0.5, -0.5, 0, 2, -0.0])
        var averages = [
            Tensor(shape: [5], scalars: [1, 1, 0, -1, 1e-30]),
            Tensor(shape: [5], scalars: [1, 0, 0, -3, -1]),
        ]
        parameter.descend(bySignsOf: gradient, averages: &averages, decays: [0.5, 0.75], rate: 0.25)
        #expect(parameter.scalars == [0.25, 1, 1, 1.25, 1])
        #expect(averages[0].scalars == [0.75, 0.25, 0, 0.5, 0.5e-30])
        #expect(averages[1].scalars == [0.875, -0.125, 0, -1.75, -0.75])
    }
}
