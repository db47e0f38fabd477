import Foundation
import Tensors
import Testing

@testable import Training

@Suite struct MetricsTests {
    @Test func countsWhatIsTakenForWhat() {
        var metrics = ClassificationMetrics(classCount: 3)
        metrics.add(
            logits: Tensor(shape: [3, 3], scalars: [5, 1, 2, 0, 1, 7, -3, -1, -2]), labels: [0, 1, 1])
        metrics.add(logits: Tensor(shape: [1, 3], scalars: [4, 4, 4]), labels: [2])
        #expect(metrics.confusion == [[1, 0, 0], [0, 1, 1], [1, 0, 0]])
        #expect(metrics.count == 4)
        #expect(metrics.correctCount == 2)
        #expect(metrics.accuracy == 0.5)
    }

    /// Two logits x and 0 with the label of the first give log(1 + exp(-x)); also where exp(-x) overflows a Float.
    @Test(arguments: [-1000, -90, -3, 0, 2, 50] as [Float]) func measuresCrossEntropy(logit: Float) {
        var metrics = ClassificationMetrics(classCount: 2)
        metrics.add(logits: Tensor(shape: [1, 2], scalars: [logit, 0]), labels: [0])
        let x = Double(logit)
        let expected = x < -500 ? -x : log1p(exp(-x))
        // In double precision: an exponential and a sum, at most 2, and a logarithm there; two functions here.
        #expect(abs(metrics.loss - expected) <= 5 * .ulpOfOne * max(1, expected))
    }

    @Test func tellsFiniteFromOther() {
        for count in [1, 16, 37] {
            for position in 0..<count {
                for other in [Float.nan, .infinity, -.infinity, .signalingNaN] {
                    var scalars = [Float](repeating: -.greatestFiniteMagnitude, count: count)
                    #expect(Tensor(shape: [count], scalars: scalars).isFinite)
                    scalars[position] = other
                    #expect(!Tensor(shape: [count], scalars: scalars).isFinite)
                }
            }
        }
    }
}
