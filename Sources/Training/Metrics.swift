import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// How well logits agree with labels, summed up over batches.
public struct Metrics: Equatable, Sendable, Codable {
    /// `confusion[actual][predicted]`: how many samples of the one class were taken for the other.
    public private(set) var confusion: [[Int]]
    private var lossSum = 0.0

    /// Metrics of no samples yet.
    public init(classCount: Int) {
        confusion = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    }

    /// The number of samples.
    public var count: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }

    /// The number of samples whose largest logit is that of their label.
    public var correctCount: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

    /// The share of samples whose largest logit is that of their label.
    public var accuracy: Double { Double(correctCount) / Double(count) }

    /// The mean cross entropy (natural logarithm, no smoothing).
    public var loss: Double { lossSum / Double(count) }

    /// Takes in the logits `[B, classes]` of samples with the given labels. Of equal logits the first one counts.
    public mutating func add(logits: Tensor, labels: [Int]) {
        let classCount = confusion.count
        precondition(
            logits.shape == [labels.count, classCount],
            "expected logits of shape \([labels.count, classCount]), got \(logits.shape)")
        logits.withScalars { scalars in
            for (sample, label) in labels.enumerated() {
                let row = scalars[sample * classCount..<(sample + 1) * classCount]
                let largest = row.max()!
                confusion[label][row.firstIndex(of: largest)! - row.startIndex] += 1
                let sum = row.reduce(0) { $0 + exp(Double($1 - largest)) }
                lossSum += log(sum) - Double(row[row.startIndex + label] - largest)
            }
        }
    }
}
