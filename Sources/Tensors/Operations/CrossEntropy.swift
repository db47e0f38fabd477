import Foundation
import Runtime

extension Tensor {
    /// The mean cross entropy of these logits, [B, classes] or [B, classes, *S], and smoothed labels, over samples and
    /// positions.
    ///
    /// With p = softmax(logits) and s = `smoothing`: (1 - s) · -log p[label] + s / classes · Σ over c of -log p[c].
    /// Computed in double precision, without overflow for any finite logits. A logit of -infinity masks its class, whose
    /// probability and derivative are 0: a term with the factor 0 counts as 0. The loss of a masked label, and with
    /// smoothing of any masked class, is +infinity. Without a finite logit, and for +infinity, the loss is not a number.
    ///
    /// - Parameters:
    ///   - labels: Indices of classes, one for each sample or, with positions, [B, *S] in row-major order.
    ///   - smoothing: Between 0 and 1; 0 for none. Source: C. Szegedy et al., arXiv 1512.00567, section 7.
    /// - Returns: A scalar tensor.
    public func crossEntropy(labels: [Int], smoothing: Float = 0) -> Tensor {
        let positions = shape.dropFirst(2).reduce(1, *)
        require(
            rank >= 2 && shape[0] * positions == labels.count && !labels.isEmpty && shape[1] > 0,
            "expected logits [B, classes] or [B, classes, *S] for \(labels.count) labels, got the shape \(shape)"
        )
        require((0...1).contains(smoothing), "expected a smoothing between 0 and 1, got \(smoothing)")
        let classes = shape[1]
        /// The labels of the whole batch.
        let labelCount = (partition?.sampleCount ?? shape[0]) * positions
        let share = Double(smoothing) / Double(classes)
        var losses = [Double](repeating: 0, count: shape[0])
        var row = [Double](repeating: 0, count: classes)
        /// Of the loss with respect to the logits: (softmax - smoothed label) / number of labels.
        let derivative = Tensor(shape: shape) { (derivative: UnsafeMutableBufferPointer<Float>) in
            withPointer { logits in
                for (index, label) in labels.enumerated() {
                    require(
                        (0..<classes).contains(label), "expected a label in 0..<\(classes), got \(label)")
                    let (sample, position) = index.quotientAndRemainder(dividingBy: positions)
                    let first = sample * classes * positions + position
                    for c in 0..<classes { row[c] = Double(logits[first + c * positions]) }
                    let largest = row.max()!
                    let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
                    for c in 0..<classes {
                        let target = share + (c == label ? 1 - Double(smoothing) : 0)
                        let logProbability = row[c] - logSum
                        if target != 0 { losses[sample] -= target * logProbability }
                        derivative[first + c * positions] =
                            Float((exp(logProbability) - target) / Double(labelCount))
                    }
                }
            }
        }
        let loss = batchSum(samples: shape[0], in: partition) { losses[$0] }
        return Tensor(Float(loss / Double(labelCount))).recorded(from: self) { [derivative * $0.scalar] }
    }
}
