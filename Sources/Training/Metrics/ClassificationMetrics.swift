import Runtime
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The confusion matrix and cross entropy of logits and labels, accumulated over batches.
public struct ClassificationMetrics: Equatable, Sendable, Codable {
    /// The confusion matrix, `confusion[actual][predicted]`: numbers of labels.
    public private(set) var confusion: [[Int]]
    private var lossSum = 0.0
    /// The positions that a sample's labels belong to, or `nil` for one label a sample.
    public let positions: LabeledPositions?

    /// Metrics of no samples yet.
    public init(classCount: Int, positions: LabeledPositions? = nil) {
        confusion = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
        self.positions = positions
    }

    /// The number of labels.
    public var count: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }

    /// The number of samples.
    public var sampleCount: Int { count / (positions?.count ?? 1) }

    /// The number of labels whose logit is the largest.
    public var correctCount: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

    /// The share of labels whose logit is the largest, among those that are not the background's.
    public var accuracy: Double {
        guard let background = positions?.background else { return Double(correctCount) / Double(count) }
        let total = count - confusion[background].reduce(0, +)
        return Double(correctCount - confusion[background][background]) / Double(total)
    }

    /// The mean cross entropy over all labels (natural logarithm, no smoothing).
    public var loss: Double { lossSum / Double(count) }

    /// Adds the logits, `[B, classes]` or `[B, classes, *S]`, of samples with the given labels, ordered as
    /// ``Targets/labels(_:)``. Of equal logits the first is the prediction. A logit that is not a number makes the loss none.
    public mutating func add(logits: Tensor, labels: [Int]) {
        let classCount = confusion.count
        let width = positions?.count ?? 1
        require(
            logits.rank >= 2 && logits.shape[1] == classCount && logits.shape[0] * width == labels.count
                && logits.count == labels.count * classCount,
            "expected logits [B, \(classCount), *S] of \(width) positions for \(labels.count) labels, got the "
                + "shape \(logits.shape)")
        var row = [Float](repeating: 0, count: classCount)
        logits.withScalars { scalars in
            for (index, label) in labels.enumerated() {
                let first = index / width * classCount * width + index % width
                for c in 0..<classCount { row[c] = scalars[first + c * width] }
                let largest = row.max()!
                // Where the largest is not a number, no class has it.
                confusion[label][row.firstIndex(of: largest) ?? 0] += 1
                let sum = row.reduce(0) { $0 + exp(Double($1 - largest)) }
                lossSum += log(sum) - Double(row[label] - largest)
            }
        }
    }
}
