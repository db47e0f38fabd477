import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Tensors

struct DifferentiationTests {
    /// A chain far longer than the stack is deep: recorded, differentiated and released.
    @Test func chainOfAMillionAdditions() {
        let one = Tensor(1)
        let count = 1_000_000
        let (value, gradient) = valueAndGradient(at: Operands(tensors: [Tensor(0.5)])) { model in
            var x = model.tensors[0]
            for _ in 0..<count { x = x + one }
            return x * 2
        }
        #expect(value.scalar == 2_000_001)
        #expect(gradient["0"].scalar == 2)
    }

    /// The same where pullbacks keep recorded tensors, and the chain is dropped without being differentiated.
    @Test func chainThatIsNeverDifferentiated() {
        var x = Tensor(1).recorded(as: NodeResult(node: Node(shapes: [[]]), index: 0))
        for _ in 0..<200_000 {
            let operand = x
            x = (operand.detached + 0).recorded(from: operand) { [operand.isRecorded ? $0 : nil] }
        }
        #expect(x.scalar == 1)
        x = Tensor(0)
    }

    @Test func parameterUsedSeveralTimes() {
        let p = Tensor(shape: [3], scalars: [1, -2, 3])
        let (value, gradient) = valueAndGradient(at: Operands(tensors: [p])) { model in
            let x = model.tensors[0]
            return (x * x * x + x + x).sum()
        }
        #expect(value.scalar == 1 - 8 + 27 + 2 - 4 + 6)
        #expect(gradient["0"].scalars == [5, 14, 29])
        #expect(gradient.unused == [])
    }

    /// Contributions of the operand's shape, and of extent 1 along some of its axes, before and after each other; more
    /// of them than are added in one pass, on more scalars than a task has.
    @Test(arguments: [[2, 3], [3, 40_000]], 1...9)
    func contributionsBroadcast(_ shape: [Int], _ count: Int) {
        let (rows, columns) = (shape[0], shape[1])
        let terms = [
            Tensor(shape: [rows, 1], scalars: (0..<rows).map { Float($0 + 1) }),
            Tensor(shape: [1, 1], repeating: 32),
            Tensor(shape: shape, scalars: (0..<rows * columns).map { Float($0 % 7) }),
            Tensor(shape: [1, columns], scalars: (0..<columns).map { Float($0 % 5) }),
        ]
        for first in terms.indices {
            let chosen = (0..<count).map { terms[(first + $0) % terms.count] }
            let p = Tensor(shape: shape, repeating: 0)
            let (_, gradient) = valueAndGradient(at: Operands(tensors: [p])) { model in
                chosen.reduce(Tensor(0)) { sum, term in
                    sum + Tensor(0).recorded(from: model.tensors[0]) { _ in [term] }
                }
            }
            // Small whole numbers: sums are exact in any order.
            let expected = chosen.reduce(p) { $0 + $1 }
            #expect(gradient["0"].shape == shape)
            #expect(gradient["0"].scalars == expected.scalars)
        }
    }

    /// A cotangent returned for two operands shares memory: summing into one must not change the other.
    @Test func sharedCotangentsStayApart() {
        let a = Tensor(shape: [2], scalars: [1, 2])
        let b = Tensor(shape: [2], scalars: [3, 4])
        let (_, gradient) = valueAndGradient(at: Operands(tensors: [a, b])) { model in
            let (a, b) = (model.tensors[0], model.tensors[1])
            return (a + b).sum() + (a * 10).sum() + (a + b).sum()
        }
        #expect(gradient["0"].scalars == [12, 12])
        #expect(gradient["1"].scalars == [2, 2])
    }

    @Test func unusedParametersHaveGradientZero() {
        let tensors = [Tensor(2), Tensor(shape: [2, 3], repeating: 1), Tensor(5)]
        let (_, gradient) = valueAndGradient(at: Operands(tensors: tensors)) { $0.tensors[2] * 3 }
        #expect(gradient.unused == ["0", "1"])
        #expect(gradient["1"].shape == [2, 3])
        #expect(gradient["1"].scalars == [0, 0, 0, 0, 0, 0])
        #expect(gradient["2"].scalar == 3)
    }

    @Test func constantLoss() {
        let (value, gradient) = valueAndGradient(at: Operands(tensors: [Tensor(2)])) { _ in Tensor(7) }
        #expect(value.scalar == 7)
        #expect(gradient.unused == ["0"])
    }

    /// Cotangents of constants, and of of tensors that depend on no parameter, are not computed.
    @Test func pullbacksOfConstantsDoNotRun() {
        let runs = Atomic<Int>(0)
        func counted(_ x: Tensor, times factor: Float) -> Tensor {
            (x.detached * factor).recorded(from: x) { cotangent in
                runs.wrappingAdd(1, ordering: .relaxed)
                return [cotangent * factor]
            }
        }
        let constant = Tensor(3)
        let (_, gradient) = valueAndGradient(at: Operands(tensors: [Tensor(2)])) { model in
            let dead = counted(model.tensors[0], times: 5)
            #expect(dead.isRecorded)
            #expect(!counted(constant, times: 5).isRecorded)
            return counted(model.tensors[0], times: 7) * counted(constant, times: 2)
        }
        #expect(runs.load(ordering: .relaxed) == 1)
        #expect(gradient["0"].scalar == 42)
    }

    /// What a pullback captured is released as soon as its node has been visited.
    @Test func memoryIsReleasedDuringTheWalk() {
        final class Kept: Sendable {}
        nonisolated(unsafe) weak var last: Kept?  // Written before the walk, read in it, all on one thread.
        nonisolated(unsafe) var wasReleased = false
        _ = valueAndGradient(at: Operands(tensors: [Tensor(2)])) { model in
            let x = model.tensors[0]
            let first = (x.detached + 0).recorded(from: x) {
                wasReleased = last == nil
                return [$0]
            }
            let kept = Kept()
            last = kept
            return (first.detached + 0).recorded(from: first) {
                withExtendedLifetime(kept) {}
                return [$0]
            }
        }
        #expect(wasReleased)
    }

    /// A release on one thread does not wait for a release in progress on another.
    @Test func releasesOnTwoThreadsAreApart() {
        final class Obstacle: Sendable {
            let (reached, lifted): (DispatchSemaphore, DispatchSemaphore)
            init(_ reached: DispatchSemaphore, _ lifted: DispatchSemaphore) {
                (self.reached, self.lifted) = (reached, lifted)
            }
            deinit {
                reached.signal()
                lifted.wait()
            }
        }
        final class Kept: Sendable {}
        let parameter = Tensor(1).recorded(as: NodeResult(node: Node(shapes: [[]]), index: 0))
        /// A recorded result whose pullback holds an object.
        @Sendable func holding(_ object: some Sendable) -> Tensor {
            (parameter.detached + 0).recorded(from: parameter) { cotangent in
                withExtendedLifetime(object) {}
                return [cotangent]
            }
        }

        let (reached, lifted) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread { _ = holding(Obstacle(reached, lifted)) }.start()
        reached.wait()
        defer { lifted.signal() }
        weak var kept: Kept?
        do {
            let object = Kept()
            kept = object
            _ = holding(object)
        }
        #expect(kept == nil)
    }

    @Test func severalResultsOfOneOperation() {
        let (_, gradient) = valueAndGradient(at: Operands(tensors: [Tensor(3)])) { model in
            let x = model.tensors[0]
            let results = [x.detached * 2, x.detached * 5, x.detached * 7].recorded(from: [x]) { cotangents in
                #expect(cotangents[1] == nil)
                return [cotangents[0]! * 2 + cotangents[2]! * 7]
            }
            return results[0] + results[2] * 10
        }
        #expect(gradient["0"].scalar == 72)
    }

    @Test func valuesAreNotShared() {
        let original = Tensor(shape: [2], scalars: [1, 2])
        var copy = original
        copy.updateScalars { $0[0] = 9 }
        #expect(original.scalars == [1, 2])
        #expect(copy.scalars == [9, 2])
    }

    @Test func duplicateNamesTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            struct Twins: Module {
                var a = Tensor(1)
                var b = Tensor(2)
                mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
                    try body("same", &a)
                    try body("same", &b)
                }
            }
            _ = valueAndGradient(at: Twins()) { $0.a + $0.b }
        }
        #expect(
            says("expected parameters of different names, got 'same' twice", result?.standardErrorContent))
    }

    @Test func lossWithSeveralScalarsTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = valueAndGradient(at: Operands(tensors: [Tensor(shape: [2], repeating: 1)])) { $0.tensors[0] }
        }
        #expect(says("expected a loss of one scalar, got the shape [2]", result?.standardErrorContent))
    }

    @Test func wrongCotangentShapeTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = valueAndGradient(at: Operands(tensors: [Tensor(shape: [2], repeating: 1)])) { model in
                Tensor(1).recorded(from: model.tensors[0]) { [$0] }
            }
        }
        #expect(says("expected a cotangent of shape [2], got []", result?.standardErrorContent))
    }
}
