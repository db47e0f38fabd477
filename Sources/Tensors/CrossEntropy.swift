import Foundation

extension Tensor {
    /// The mean over samples of the cross entropy between the distribution whose logits these are, [B, classes], and
    /// the labels, smoothed: with s = `smoothing`, (1 - s) · -log p[label] + s / classes · Σ over c of -log p[c].
    ///
    /// Computed in double precision, without overflow for any finite logits.
    ///
    /// - Parameters:
    ///   - labels: For each sample the index of its class.
    ///   - smoothing: Between 0 and 1; 0 for none. Source: C. Szegedy et al., arXiv 1512.00567, section 7.
    /// - Returns: A scalar tensor.
    public func crossEntropy(labels: [Int], smoothing: Float = 0) -> Tensor {
        precondition(
            rank == 2 && shape[0] == labels.count && shape[0] > 0 && shape[1] > 0,
            "expected logits [B, classes] for \(labels.count) labels, got the shape \(shape)")
        precondition((0...1).contains(smoothing), "expected a smoothing between 0 and 1, got \(smoothing)")
        let (batch, classes) = (shape[0], shape[1])
        let share = Double(smoothing) / Double(classes)
        var loss = 0.0
        /// Of the loss with respect to the logits: (softmax - smoothed label) / batch.
        let derivative = Tensor(shape: shape) { (derivative: UnsafeMutableBufferPointer<Float>) in
            withPointer { logits in
                for sample in 0..<batch {
                    let label = labels[sample]
                    precondition(
                        (0..<classes).contains(label), "expected a label in 0..<\(classes), got \(label)")
                    let row = (0..<classes).map { Double(logits[sample * classes + $0]) }
                    let largest = row.max()!
                    let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
                    for index in 0..<classes {
                        let target = share + (index == label ? 1 - Double(smoothing) : 0)
                        let logProbability = row[index] - logSum
                        loss -= target * logProbability
                        derivative[sample * classes + index] =
                            Float((exp(logProbability) - target) / Double(batch))
                    }
                }
            }
        }
        return Tensor(Float(loss / Double(batch))).recorded(from: self) { [derivative * $0.scalar] }
    }
}
