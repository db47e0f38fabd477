import Foundation
import Tensors
import TestSupport
import Testing

struct CrossEntropyTests {
    @Test(arguments: [(1, 1), (1, 3), (4, 10), (3, 2)], [Float(0), 0.09, 1])
    func valuesAndGradients(_ size: (Int, Int), _ smoothing: Float) {
        var numbers = seededNumbers()
        let (batch, classes) = size
        let logits = numbers.tensor([batch, classes])
        let labels = (0..<batch).map { $0 % classes }
        let naive = NaiveTensor(logits)
        let s = Double(smoothing)
        let expected = (0..<batch).reduce(0.0) { loss, sample in
            let logSum = log((0..<classes).reduce(0.0) { $0 + exp(naive[[sample, $1]]) })
            let hit = logSum - naive[[sample, labels[sample]]]
            let all = (0..<classes).reduce(0.0) { $0 + logSum - naive[[sample, $1]] }
            return loss + (1 - s) * hit + s / Double(classes) * all
        }
        let loss = logits.crossEntropy(labels: labels, smoothing: smoothing)
        #expect(loss.shape == [])
        // Rounded once, by ε / 2; in double precision differences of logits below 8 lose 2^-50 each.
        let mean = expected / Double(batch)
        let bound = floatEpsilon / 2 * abs(mean) + Double(classes + 1) * 8 * 0x1p-50
        #expect(abs(Double(loss.scalar) - mean) <= bound)
        #expect(
            gradientMismatches(of: [logits]) { $0[0].crossEntropy(labels: labels, smoothing: smoothing) }
                == [])
    }

    /// The logits of positions are those of as many samples, transposed: to the last bit.
    @Test(arguments: [[5], [2, 3]]) func readsPositions(extents: [Int]) {
        var numbers = seededNumbers()
        let (batch, classes, positions) = (3, 4, extents.reduce(1, *))
        let logits = numbers.tensor([batch, classes] + extents)
        let labels = (0..<batch * positions).map { _ in Int(numbers.next() % UInt64(classes)) }
        let rows = (0..<batch * positions).flatMap { index in
            (0..<classes).map {
                logits.scalars[(index / positions * classes + $0) * positions + index % positions]
            }
        }
        let asSamples = Tensor(shape: [batch * positions, classes], scalars: rows)
        #expect(
            logits.crossEntropy(labels: labels, smoothing: 0.1).scalar
                == asSamples.crossEntropy(labels: labels, smoothing: 0.1).scalar)
        #expect(
            gradientMismatches(of: [logits]) { $0[0].crossEntropy(labels: labels, smoothing: 0.1) } == [])
    }

    @Test func hugeLogitsStayFinite() {
        let logits = Operands(tensors: [Tensor(shape: [1, 3], scalars: [1e30, -1e30, 0])])
        let (value, gradient) = valueAndGradient(at: logits) { $0.tensors[0].crossEntropy(labels: [0]) }
        #expect(value.scalar == 0)
        #expect(gradient["0"].scalars == [0, 0, 0])
    }

    /// A class with the logit -infinity is as good as not there.
    @Test func masksClasses() {
        let masked: Float = -.infinity
        func lossAndGradient(_ scalars: [Float], label: Int, smoothing: Float = 0) -> (Float, [Float]) {
            let logits = Operands(tensors: [Tensor(shape: [1, scalars.count], scalars: scalars)])
            let (value, gradient) = valueAndGradient(at: logits) {
                $0.tensors[0].crossEntropy(labels: [label], smoothing: smoothing)
            }
            return (value.scalar, gradient["0"].scalars)
        }
        let (loss, gradient) = lossAndGradient([0, 0, masked], label: 0)
        #expect(loss == Float(log(2.0)))
        #expect(gradient == [-0.5, 0.5, 0])
        let (smoothed, _) = lossAndGradient([0, 0, masked], label: 0, smoothing: 0.1)
        #expect(smoothed == .infinity)
        #expect(lossAndGradient([0, 0, masked], label: 2).0 == .infinity)
        #expect(lossAndGradient([masked, masked, masked], label: 0).0.isNaN)
        #expect(lossAndGradient([0, .infinity, 0], label: 0).0.isNaN)
        #expect(lossAndGradient([0, .nan, 0], label: 0).0.isNaN)
    }

    @Test func labelOutOfRangeTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(shape: [1, 3], repeating: 0).crossEntropy(labels: [3])
        }
        #expect(says("expected a label in 0..<3, got 3", result?.standardErrorContent))
    }
}
