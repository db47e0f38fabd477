import Tensors

/// How well a network answers the question of a data set, summed up over batches.
public enum Metrics: Equatable, Sendable {
    /// Classes.
    case classification(ClassificationMetrics)
    /// Numbers.
    case regression(RegressionMetrics)

    /// Metrics of no samples yet.
    public init(of question: Question) {
        self =
            switch question {
            case .classes(let count, let positions):
                .classification(ClassificationMetrics(classCount: count, positions: positions))
            case .number: .regression(RegressionMetrics())
            }
    }

    /// The number of samples.
    public var sampleCount: Int {
        switch self {
        case .classification(let metrics): metrics.sampleCount
        case .regression(let metrics): metrics.sampleCount
        }
    }

    /// The mean cross entropy (natural logarithm, no smoothing) of classes, the mean squared error of numbers.
    public var loss: Double {
        switch self {
        case .classification(let metrics): metrics.loss
        case .regression(let metrics): metrics.meanSquaredError
        }
    }

    /// The share of labels whose logit is the largest; numbers have none.
    public var accuracy: Double? {
        switch self {
        case .classification(let metrics): metrics.accuracy
        case .regression: nil
        }
    }

    /// Takes in what a network says of samples, and what it should have said.
    public mutating func add(logits: Tensor, targets: Targets) {
        switch (self, targets) {
        case (.classification(var metrics), .labels(let labels)):
            metrics.add(logits: logits, labels: labels)
            self = .classification(metrics)
        case (.regression(var metrics), .numbers(let numbers)):
            metrics.add(outputs: logits, numbers: numbers)
            self = .regression(metrics)
        case (.classification, .numbers), (.regression, .labels):
            fatalError("expected labels for classes or numbers for numbers, got the other")
        }
    }
}

/// Both kinds are coded as they are; only one of them has confusions.
extension Metrics: Codable {
    private enum CodingKeys: CodingKey {
        case confusion
    }

    /// Reads metrics of either kind.
    public init(from decoder: any Decoder) throws {
        let isClassification = try decoder.container(keyedBy: CodingKeys.self).contains(.confusion)
        self =
            isClassification
            ? .classification(try ClassificationMetrics(from: decoder))
            : .regression(try RegressionMetrics(from: decoder))
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .classification(let metrics): try metrics.encode(to: encoder)
        case .regression(let metrics): try metrics.encode(to: encoder)
        }
    }
}
