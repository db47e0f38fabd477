import Runtime

/// The task of a data set: classification or regression.
public enum LearningTask: Codable, Equatable, Sendable {
    /// Classification of each sample, with classes from 0 to `count` - 1; with `positions`, of each of its positions.
    case classes(count: Int, positions: LabeledPositions? = nil)
    /// Regression of one number for each sample.
    case number

    /// The number of logits for a sample or position.
    public var outputCount: Int {
        switch self {
        case .classes(let count, _): count
        case .number: 1
        }
    }

    /// The number of targets that each sample has.
    public var targetsPerSample: Int {
        switch self {
        case .classes(_, let positions): positions?.count ?? 1
        case .number: 1
        }
    }
}

/// The positions of a sample, each with a class of its own.
public struct LabeledPositions: Codable, Equatable, Sendable {
    /// The number of positions of a sample.
    public let count: Int
    /// The class of background positions, which count for the loss but not for the accuracy.
    public let background: Int?

    /// Positions, all of which count for the accuracy, or all but those of the class `background`.
    public init(count: Int, background: Int? = nil) {
        require(count >= 1, "expected at least 1 position, got \(count)")
        self.count = count
        self.background = background
    }
}

/// The targets of samples.
public enum Targets: Equatable, Sendable {
    /// Classes: one for each sample or, one sample after the other, one for each of its positions in row-major order.
    case labels([Int])
    /// Regression of one number for each sample.
    case numbers([Float])

    /// The number of labels or numbers.
    public var count: Int {
        switch self {
        case .labels(let labels): labels.count
        case .numbers(let numbers): numbers.count
        }
    }

    /// The targets of the samples at `indices`, in that order, where each sample has `width` of them.
    func subset(_ indices: some Sequence<Int>, width: Int) -> Targets {
        func chosen<Element>(_ all: [Element]) -> [Element] {
            indices.flatMap { all[$0 * width..<($0 + 1) * width] }
        }
        return switch self {
        case .labels(let labels): .labels(chosen(labels))
        case .numbers(let numbers): .numbers(chosen(numbers))
        }
    }
}
